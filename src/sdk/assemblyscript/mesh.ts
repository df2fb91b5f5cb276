// What an agent in AssemblyScript does with the mesh. An agent exports `mesh_handle(eventSize: i32): i32`, answers 0 for success,
// and may export `mesh_init(): i32`, which runs once in its life. Compile with
//
//   asc agent.ts --use abort=mesh/abort --use seed=mesh/seed
//
// so that a failed assertion ends the turn with its message, and so that Math.random() gives the same numbers in every replay.
// `Date.now()` is not there, because nothing a guest sees may come from anywhere but the log: use `now()`.
import * as host from "./imports";

/** The attributes of an event: those of CloudEvents and the mesh's own. */
export enum Attribute {
  Id = 0,
  Source = 1,
  /** The event's type, which in the mesh is its topic. */
  Topic = 2,
  Subject = 3,
  /** The producer's own time, RFC 3339; `now()` is the mesh's. */
  Time = 4,
  DataContentType = 5,
  /** The W3C trace context. */
  TraceParent = 6,
  /** What `request` or `integrate` answered, if this event is the answer to that. */
  Correlation = 7,
  /** The offset of the event's position in the log, in decimal. */
  Position = 8,
}

/** Levels of `log`. */
export enum Level { Trace = 0, Debug = 1, Info = 2, Warn = 3, Error = 4 }

/** The data of this turn's event. `size` is what `mesh_handle` was given, in bytes. */
export function eventBytes(size: i32): ArrayBuffer {
  const data = new ArrayBuffer(size);
  host.event_read(changetype<usize>(data), 0, size);
  return data;
}

/** The data of this turn's event as text; what is not UTF-8 becomes U+FFFD. */
export function eventText(size: i32): string {
  return String.UTF8.decode(eventBytes(size));
}

/** An attribute of this turn's event; empty if it has none. */
export function attribute(which: Attribute): string {
  const len = <i32>host.event_attr(which, 0, 0);
  const bytes = new ArrayBuffer(len);
  host.event_attr(which, changetype<usize>(bytes), len);
  return String.UTF8.decode(bytes);
}

/** The config that the topology gives this agent; empty if it gives none. */
export function configText(): string {
  const bytes = new ArrayBuffer(<i32>host.config_size());
  host.config_read(changetype<usize>(bytes), 0, bytes.byteLength);
  return String.UTF8.decode(bytes);
}

/** Publishes text on a topic that the agent may publish to. */
export function publish(topic: string, data: string): void {
  publishBytes(topic, String.UTF8.encode(data));
}

/** Publishes bytes on a topic that the agent may publish to. */
export function publishBytes(topic: string, data: ArrayBuffer): void {
  const name = String.UTF8.encode(topic);
  host.publish(changetype<usize>(name), name.byteLength, changetype<usize>(data), data.byteLength);
}

/** Publishes JSON, with a subject unless that is empty. */
export function publishJson(topic: string, json: string, subject: string = ""): void {
  const name = String.UTF8.encode(topic), about = String.UTF8.encode(subject), data = String.UTF8.encode(json);
  const type = String.UTF8.encode("application/json");
  host.publish_as(changetype<usize>(name), name.byteLength, changetype<usize>(about), about.byteLength,
    changetype<usize>(type), type.byteLength, changetype<usize>(data), data.byteLength);
}

/** Sends text to one agent, on its private topic. */
export function send(agent: string, data: string): void {
  const name = String.UTF8.encode(agent), bytes = String.UTF8.encode(data);
  host.send(changetype<usize>(name), name.byteLength, changetype<usize>(bytes), bytes.byteLength);
}

/** Answers the event of this turn: to the requester if it was a request, else to the agent that emitted it. */
export function reply(data: string): void {
  const bytes = String.UTF8.encode(data);
  host.reply(changetype<usize>(bytes), bytes.byteLength);
}

/** Publishes a request. The answer, or word that none came in `timeoutMs` milliseconds, arrives later as an event with this correlation. */
export function request(topic: string, data: string, timeoutMs: i64): i64 {
  const name = String.UTF8.encode(topic), bytes = String.UTF8.encode(data);
  return host.request(changetype<usize>(name), name.byteLength, changetype<usize>(bytes), bytes.byteLength, timeoutMs);
}

/** Has an event published on `topic` in `delayMs` milliseconds. Answers the timer. */
export function schedule(delayMs: i64, topic: string, data: string): i64 {
  const name = String.UTF8.encode(topic), bytes = String.UTF8.encode(data);
  return host.schedule(delayMs, changetype<usize>(name), name.byteLength, changetype<usize>(bytes), bytes.byteLength);
}

/** Takes a timer back, even one that fired but was not handled yet; without effect on one that is gone. */
export function cancel(timer: i64): void {
  host.cancel(timer);
}

/** Starts an agent of a family, by its full name, as `monitors/alaska`. */
export function spawn(name: string): void {
  const bytes = String.UTF8.encode(name);
  host.spawn(changetype<usize>(bytes), bytes.byteLength, 0, 0, 0, 0);
}

/** Stops an agent that this one started. */
export function stop(name: string): void {
  const bytes = String.UTF8.encode(name);
  host.stop(changetype<usize>(bytes), bytes.byteLength);
}

/** Asks for an event when that agent stops. */
export function watch(name: string): void {
  const bytes = String.UTF8.encode(name);
  host.watch(changetype<usize>(bytes), bytes.byteLength);
}

/** When the event of this turn was appended to the log: nanoseconds since the Unix epoch, the same for the whole turn. */
export function now(): i64 {
  return host.now();
}

/** Random bytes, seeded by the agent, its incarnation and the event's position: the same in every replay. */
export function random(len: i32): ArrayBuffer {
  const bytes = new ArrayBuffer(len);
  host.random(changetype<usize>(bytes), len);
  return bytes;
}

/** Writes a line to the service's log, with the agent's name. */
export function log(level: Level, line: string): void {
  const bytes = String.UTF8.encode(line);
  host.log(level, changetype<usize>(bytes), bytes.byteLength);
}

/**
 * Asks for a change of the topology, in JSON (see src/AkkaWasm.Actors/INTEGRATE.md). The answer (applied, planned, unchanged, stale or refused, in JSON)
 * arrives later as an event with this correlation. Needs the capability to integrate.
 */
export function integrate(change: string): i64 {
  const bytes = String.UTF8.encode(change);
  return host.integrate(changetype<usize>(bytes), bytes.byteLength);
}

/** Levels of `health`. */
export enum Health { Well = 0, Degraded = 1, Overloaded = 2 }

/** Says how the agent is, and why. */
export function health(level: Health, sentence: string): void {
  const bytes = String.UTF8.encode(sentence);
  host.health(level, changetype<usize>(bytes), bytes.byteLength);
}

/** Ends the turn as failed, with a sentence for whoever looks at the quarantined event. Does not return. */
export function fail(sentence: string): void {
  const bytes = String.UTF8.encode(sentence);
  host.fail(changetype<usize>(bytes), bytes.byteLength);
  unreachable();
}

/** What AssemblyScript calls for `throw`, `assert` and what its library refuses. */
export function abort(message: string | null, file: string | null, line: u32, column: u32): void {
  const what = message === null ? "The agent gave up" : message;
  const where = file === null ? "" : " (" + file + ":" + line.toString() + ":" + column.toString() + ")";
  fail(what + where);
}

/** What AssemblyScript seeds Math.random() with. */
export function seed(): f64 {
  const bytes = random(8);
  return <f64>load<u64>(changetype<usize>(bytes));
}
