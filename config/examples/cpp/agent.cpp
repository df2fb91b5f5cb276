/*
 * Keeps a map of regions, each with its strongest earthquake, and tells on `quakes.record.<region>` when one is outdone.
 *
 * Reading throws where a feature is not as it should be. What is only incomplete (no magnitude, no place) is caught and counted;
 * what is not an earthquake feature at all is not caught: it leaves mesh_handle, and the supervisor takes over.
 */
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>

#include "json.h"
#include "mesh_v1.h"
#include "text.h"

namespace {

/* A feature that says too little to be counted. */
class incomplete_feature : public std::runtime_error {
    using std::runtime_error::runtime_error;
};

/* Data that is no earthquake feature. */
class not_a_feature : public std::invalid_argument {
    using std::invalid_argument::invalid_argument;
};

struct quake {
    std::string id;
    std::string region;
    double magnitude;
};

struct record {
    int quakes = 0;
    double magnitude = -10;
    std::string id;
};

class region_records {
  public:
    /* Answers whether the quake outdoes all that its region has had; the first of a region does not. */
    bool add(const quake &quake) {
        record &best = records_[quake.region];
        bool outdone = quake.magnitude > best.magnitude;
        if (outdone) {
            best.magnitude = quake.magnitude;
            best.id = quake.id;
        }
        return best.quakes++ > 0 && outdone;
    }

    const record &of(const std::string &region) const { return records_.at(region); }

    void count_incomplete(const std::string &why) { incomplete_[why]++; }

  private:
    std::map<std::string, record> records_;
    std::map<std::string, int> incomplete_;
};

json_value member(json_value object, const char *key) {
    json_field field{key, {}};
    if (object.kind != JSON_OBJECT) {
        throw not_a_feature(std::string("there is no object that ") + key + " could be in");
    }
    json_pick(object, &field, 1);
    return field.value;
}

std::string string_of(json_value value, const char *what) {
    if (value.kind != JSON_STRING) {
        throw incomplete_feature(std::string("no ") + what);
    }
    std::string decoded(value.len, '\0');
    decoded.resize(json_string_decode(value, decoded.data(), decoded.size()));
    return decoded;
}

/* The end of a place such as "4km W of Castaic, CA", as a token of a topic: "ca". */
std::string region_of(std::string_view place) {
    size_t comma = place.rfind(',');
    std::string token;
    for (char c : place.substr(comma == place.npos ? 0 : comma + 1)) {
        bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (is_letter) {
            token += static_cast<char>(c | 0x20);
        } else if (!token.empty() && token.back() != '-') {
            token += '-';
        }
    }
    if (token.empty() || token == "-") {
        throw incomplete_feature("no region");
    }
    return token.back() == '-' ? token.substr(0, token.size() - 1) : token;
}

quake read_quake(const std::string &data) {
    json_value feature;
    json_error error;
    if (!json_parse(data.data(), data.size(), &feature, &error)) {
        throw not_a_feature(error.message);
    }
    json_value properties = member(feature, "properties");
    json_value magnitude = member(properties, "mag");
    if (magnitude.kind != JSON_NUMBER) {
        throw incomplete_feature("no magnitude");
    }
    return {string_of(member(feature, "id"), "id"), region_of(string_of(member(properties, "place"), "place")), json_number_to_double(magnitude)};
}

/* A number with two decimals. */
std::string decimal(double value) {
    char bytes[32];
    text text{bytes, sizeof bytes, 0};
    text_append_fixed(&text, value, 2);
    return {bytes, text.len};
}

void publish(const quake &quake, const record &best) {
    std::string topic = "quakes.record." + quake.region;
    std::string data = "{\"region\":\"" + quake.region + "\",\"quakes\":" + std::to_string(best.quakes) + ",\"id\":\"" + best.id +
                       "\",\"mag\":" + decimal(best.magnitude) + "}";
    mesh_publish(topic.data(), topic.size(), data.data(), data.size());
}

region_records records;

}  // namespace

MESH_HANDLE(event_size) {
    std::string data(event_size, '\0');
    data.resize(mesh_event_read(data.data(), 0, data.size()));
    try {
        quake quake = read_quake(data);
        if (records.add(quake)) {
            publish(quake, records.of(quake.region));
        }
    } catch (const incomplete_feature &incomplete) {
        records.count_incomplete(incomplete.what());
    }
    return 0;
}
