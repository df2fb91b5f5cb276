// The import module mesh_v1 as it is: pointers and lengths into the module's memory. Agents use mesh.ts.

// @ts-ignore: decorator
@external("mesh_v1", "event_read") export declare function event_read(dst: usize, offset: usize, len: usize): usize;
// @ts-ignore: decorator
@external("mesh_v1", "event_attr") export declare function event_attr(attribute: i32, dst: usize, cap: usize): usize;
// @ts-ignore: decorator
@external("mesh_v1", "config_size") export declare function config_size(): usize;
// @ts-ignore: decorator
@external("mesh_v1", "config_read") export declare function config_read(dst: usize, offset: usize, len: usize): usize;
// @ts-ignore: decorator
@external("mesh_v1", "publish") export declare function publish(topic: usize, topicLen: usize, data: usize, len: usize): void;
// @ts-ignore: decorator
@external("mesh_v1", "publish_as") export declare function publish_as(
  topic: usize, topicLen: usize, subject: usize, subjectLen: usize, contentType: usize, contentTypeLen: usize, data: usize, len: usize): void;
// @ts-ignore: decorator
@external("mesh_v1", "send") export declare function send(agent: usize, agentLen: usize, data: usize, len: usize): void;
// @ts-ignore: decorator
@external("mesh_v1", "reply") export declare function reply(data: usize, len: usize): void;
// @ts-ignore: decorator
@external("mesh_v1", "request") export declare function request(topic: usize, topicLen: usize, data: usize, len: usize, timeoutMs: i64): i64;
// @ts-ignore: decorator
@external("mesh_v1", "schedule") export declare function schedule(delayMs: i64, topic: usize, topicLen: usize, data: usize, len: usize): i64;
// @ts-ignore: decorator
@external("mesh_v1", "cancel") export declare function cancel(timer: i64): void;
// @ts-ignore: decorator
@external("mesh_v1", "spawn") export declare function spawn(name: usize, nameLen: usize, module: usize, moduleLen: usize, config: usize, configLen: usize): void;
// @ts-ignore: decorator
@external("mesh_v1", "stop") export declare function stop(name: usize, nameLen: usize): void;
// @ts-ignore: decorator
@external("mesh_v1", "watch") export declare function watch(name: usize, nameLen: usize): void;
// @ts-ignore: decorator
@external("mesh_v1", "now") export declare function now(): i64;
// @ts-ignore: decorator
@external("mesh_v1", "integrate") export declare function integrate(change: usize, len: usize): i64;
// @ts-ignore: decorator
@external("mesh_v1", "random") export declare function random(dst: usize, len: usize): void;
// @ts-ignore: decorator
@external("mesh_v1", "log") export declare function log(level: i32, text: usize, len: usize): void;
// @ts-ignore: decorator
@external("mesh_v1", "health") export declare function health(level: i32, text: usize, len: usize): void;
// @ts-ignore: decorator
@external("mesh_v1", "fail") export declare function fail(text: usize, len: usize): void;
