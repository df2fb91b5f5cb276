// Keeps what each seismic network has reported, as objects of a class in a map: how many earthquakes, how strong, and how much
// energy they set free. Tells on `quakes.network.<net>` whenever a network's number of earthquakes has doubled.
import { JsonKind, JsonValue, parseJson, quoteJson } from "../../../src/sdk/assemblyscript/json";
import { eventText, fail, publishJson } from "../../../src/sdk/assemblyscript/mesh";

/** What the topic and the data of the feed allow of a network's code. */
const MAX_CODE_LENGTH = 16;

class Network {
  quakes: i32 = 0;
  strongest: f64 = -10;
  strongestId: string = "";
  /** Joule, by Gutenberg and Richter: log10 E = 4.8 + 1.5 M. */
  energy: f64 = 0;
  /** The earthquakes' ids, the newest last. */
  readonly ids: Array<string> = [];

  constructor(readonly code: string) {}

  add(id: string, magnitude: f64): void {
    this.quakes++;
    this.ids.push(id);
    this.energy += Math.pow(10, 4.8 + 1.5 * magnitude);
    if (magnitude > this.strongest) {
      this.strongest = magnitude;
      this.strongestId = id;
    }
  }

  get hasDoubled(): bool {
    return (this.quakes & (this.quakes - 1)) == 0;
  }

  toJson(): string {
    return "{\"network\":" + quoteJson(this.code) + ",\"quakes\":" + this.quakes.toString() + ",\"strongest\":" + quoteJson(this.strongestId)
      + ",\"mag\":" + this.strongest.toString() + ",\"joule\":" + Math.round(this.energy).toString() + "}";
  }
}

const networks = new Map<string, Network>();

function networkOf(code: string): Network {
  if (!networks.has(code)) networks.set(code, new Network(code));
  return networks.get(code);
}

/** A member that has to be there. */
function required(object: JsonValue, key: string, kind: JsonKind): JsonValue {
  const value = object.get(key);
  if (value === null || value.kind != kind) fail("The event's data is not a feature of the feed: look at its member '" + key + "'.");
  return value!;
}

export function mesh_handle(eventSize: i32): i32 {
  const feature = parseJson(eventText(eventSize));
  const properties = required(feature, "properties", JsonKind.Object);
  const code = required(properties, "net", JsonKind.String).text;
  if (code.length == 0 || code.length > MAX_CODE_LENGTH) fail("The network's code has " + code.length.toString() + " characters.");
  const magnitude = properties.get("mag");
  if (magnitude === null || magnitude.kind != JsonKind.Number) return 0;
  const network = networkOf(code);
  network.add(required(feature, "id", JsonKind.String).text, magnitude.number);
  if (network.hasDoubled) publishJson("quakes.network." + code, network.toJson(), code);
  return 0;
}
