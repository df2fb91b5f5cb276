/*
 * Throws and catches in every way that C++ has. Each case answers whether all came as the language says; mesh_handle runs them all, and
 * fails the turn with the name of the first that did not.
 */
#include <exception>
#include <stdexcept>
#include <string>
#include <vector>

#include "mesh_v1.h"

namespace {

int alive;

/* Counts how many of its kind there are, so that a case sees whether unwinding destroyed what it should. */
struct counted {
    counted() { alive++; }
    counted(const counted &) { alive++; }
    ~counted() { alive--; }
};

struct base {
    virtual ~base() = default;
    int b = 1;
};
struct other_base {
    virtual ~other_base() = default;
    int o = 2;
};
struct derived : base, other_base {
    int d = 3;
};

__attribute__((noinline)) void throw_derived() { throw derived(); }

bool by_type() {
    try {
        throw 42;
    } catch (double) {
        return false;
    } catch (int value) {
        return value == 42;
    }
}

/* The second base lies at another address than the object. */
bool by_second_base() {
    try {
        throw_derived();
    } catch (const other_base &caught) {
        return caught.o == 2;
    }
    return false;
}

bool by_pointer() {
    static derived object;
    try {
        throw &object;
    } catch (other_base *caught) {
        return caught->o == 2;
    }
}

bool by_value() {
    int before = alive;
    try {
        throw counted();
    } catch (counted copy) {
        if (alive != before + 2) {
            return false;
        }
    }
    return alive == before;
}

bool unwinding_destroys() {
    int before = alive;
    try {
        counted one;
        std::vector<counted> more(3);
        throw_derived();
    } catch (const base &) {
        return alive == before;
    }
    return false;
}

bool thrown_again() {
    int before = alive;
    try {
        try {
            throw counted();
        } catch (...) {
            throw;
        }
    } catch (const counted &) {
        if (alive != before + 1) {
            return false;
        }
    }
    return alive == before;
}

bool nested() {
    std::string order;
    try {
        throw std::runtime_error("outer");
    } catch (const std::exception &outer) {
        try {
            throw std::logic_error("inner");
        } catch (const std::exception &inner) {
            order += inner.what();
        }
        order += outer.what();
    }
    return order == "innerouter";
}

bool from_a_destructor_while_unwinding() {
    struct cleaner {
        ~cleaner() {
            try {
                throw 1;
            } catch (int) {
            }
        }
    };
    try {
        cleaner cleaner;
        throw 2;
    } catch (int value) {
        return value == 2 && std::uncaught_exceptions() == 0;
    }
}

bool from_the_library() {
    try {
        return std::vector<int>{1, 2}.at(2) == 0;
    } catch (const std::out_of_range &) {
        return true;
    }
}

bool passed_on() {
    int before = alive;
    try {
        try {
            counted one;
            throw std::string("text");
        } catch (int) {
            return false;
        }
    } catch (const std::string &text) {
        return text == "text" && alive == before;
    }
}

bool kept_and_thrown_later() {
    int before = alive;
    {
        std::exception_ptr kept;
        try {
            throw counted();
        } catch (...) {
            kept = std::current_exception();
        }
        if (alive != before + 1) {
            return false;
        }
        try {
            std::rethrow_exception(kept);
        } catch (const counted &) {
        }
    }
    return alive == before;
}

struct test_case {
    const char *name;
    bool (*run)();
};
const test_case cases[] = {
    {"by_type", by_type},
    {"by_second_base", by_second_base},
    {"by_pointer", by_pointer},
    {"by_value", by_value},
    {"unwinding_destroys", unwinding_destroys},
    {"thrown_again", thrown_again},
    {"nested", nested},
    {"from_a_destructor_while_unwinding", from_a_destructor_while_unwinding},
    {"from_the_library", from_the_library},
    {"passed_on", passed_on},
    {"kept_and_thrown_later", kept_and_thrown_later},
};

}  // namespace

/* How many cases there are. */
extern "C" __attribute__((export_name("cases"))) int32_t count_cases() { return sizeof cases / sizeof cases[0]; }

/* Runs a case a hundred times, so that an exception that is not freed, or freed twice, shows. Answers 1 if all was well. */
extern "C" __attribute__((export_name("run"))) int32_t run(int32_t number) {
    for (int i = 0; i < 100; i++) {
        if (!cases[number].run()) {
            return 0;
        }
    }
    return alive == 0;
}

MESH_HANDLE(event_size) {
    (void)event_size;
    for (int32_t i = 0; i < count_cases(); i++) {
        if (!run(i)) {
            std::string sentence = std::string("not as C++ says: ") + cases[i].name;
            mesh_fail(sentence.data(), sentence.size());
        }
    }
    return 0;
}
