// What an agent's script finds: the object `mesh`. The script defines a function `handle(event)`, and if it wants to, `init()`,
// which runs once in its life. Either may be async: the turn ends when nothing is left to run. What they throw ends the turn as failed.
(function (host) {
  "use strict";
  const levels = ["trace", "debug", "info", "warn", "error"];
  const attributes = ["id", "source", "topic", "subject", "time", "contentType", "traceParent", "correlation", "position"];

  const healthLevels = ["well", "degraded", "overloaded"];

  function level(name, names = levels) {
    const number = names.indexOf(name);
    if (number < 0) throw new RangeError(`There is no level '${name}'; there are ${names.join(", ")}.`);
    return number;
  }

  /** Text and bytes as they are, everything else as JSON; and the content type of that. */
  function encode(data) {
    if (typeof data === "string") return [data, ""];
    if (data instanceof ArrayBuffer) return [data, ""];
    if (ArrayBuffer.isView(data)) return [data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength), ""];
    const json = JSON.stringify(data);
    if (json === undefined) throw new TypeError(`A ${typeof data} cannot be published.`);
    return [json, "application/json"];
  }

  function describe(error) {
    return error instanceof Error ? `${error}\n${error.stack ?? ""}`.trimEnd() : `Thrown: ${String(error)}`;
  }

  /** The event of a turn. Only what is asked for is fetched. */
  class MeshEvent {
    /** The data as text; what is not UTF-8 becomes U+FFFD. */
    text() { return host.eventText(); }
    /** The data as the value that its JSON describes. */
    json() { return JSON.parse(host.eventText()); }
    /** The data as bytes. */
    bytes() { return new Uint8Array(host.eventBytes()); }
  }
  attributes.forEach((name, number) => Object.defineProperty(MeshEvent.prototype, name, { get: () => host.eventAttribute(number) || undefined }));

  globalThis.mesh = Object.freeze({
    /** Publishes text, bytes or a value (as JSON) on a topic that the agent may publish to. */
    publish(topic, data, { subject = "", contentType } = {}) {
      const [content, type] = encode(data);
      host.publish(topic, subject, contentType ?? type, content);
    },
    /** Sends to one agent, on its private topic. */
    send(agent, data) { host.send(agent, encode(data)[0]); },
    /** Answers the event of this turn. */
    reply(data) { host.reply(encode(data)[0]); },
    /** Publishes a request. The answer, or word that none came in time, is a later event with the correlation that this answers. */
    request(topic, data, timeoutMs) { return host.request(topic, encode(data)[0], timeoutMs); },
    /** Has an event published on `topic` in `delayMs` milliseconds. Answers the timer. */
    schedule(delayMs, topic, data) { return host.schedule(delayMs, topic, encode(data)[0]); },
    /** Takes a timer back. */
    cancel(timer) { host.cancel(timer); },
    /** Starts an agent of a family, by its full name. */
    spawn(name) { host.spawn(name); },
    /** Stops an agent that this one started. */
    stop(name) { host.stop(name); },
    /** Asks for an event when that agent stops. */
    watch(name) { host.watch(name); },
    /** When the event of this turn was appended to the log: milliseconds since the Unix epoch. Date.now() says the same. */
    now() { return Number(BigInt(host.now()) / 1000000n); },
    /** The same in nanoseconds, a BigInt. */
    nowNs() { return BigInt(host.now()); },
    /** `length` random bytes, the same in every replay. */
    random(length) { return new Uint8Array(host.random(length)); },
    /** Writes a line to the service's log. */
    log(line, name = "info") { host.log(level(name), String(line)); },
    /** Says how the agent is. */
    health(sentence, name = "well") { host.health(level(name, healthLevels), String(sentence)); },
    /**
     * Asks for a change of the topology: an object, or JSON as text (see src/AkkaWasm.Actors/INTEGRATE.md). The answer is a later event with the correlation that
     * this answers. Needs the capability to integrate.
     */
    integrate(change) { return host.integrate(typeof change === "string" ? change : JSON.stringify(change)); },
    /** Ends the turn as failed. Does not return. */
    fail(sentence) { host.fail(String(sentence)); },
    /** The config that the topology gives the agent: the value that its JSON describes, or undefined. */
    get config() {
      const text = host.configText();
      return text === "" ? undefined : JSON.parse(text);
    },
  });
  globalThis.console = Object.freeze(Object.fromEntries(
    Object.entries({ debug: "debug", log: "info", info: "info", warn: "warn", error: "error" })
      .map(([name, at]) => [name, (...values) => mesh.log(values.map(v => (typeof v === "string" ? v : JSON.stringify(v) ?? String(v))).join(" "), at)])));

  const event = Object.freeze(new MeshEvent());
  function turn(body) {
    const failed = error => host.fail(describe(error));
    try {
      const result = body();
      if (result instanceof Promise) result.catch(failed);
    } catch (error) {
      failed(error);
    }
  }
  return {
    init() { turn(() => globalThis.init?.()); },
    handle() {
      if (typeof globalThis.handle !== "function") host.fail("The script defines no function handle(event).");
      turn(() => globalThis.handle(event));
    },
  };
})
