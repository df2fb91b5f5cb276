;; Publishes the data of each event again (up to 4,096 bytes of it) on the topic that its config names: an agent to chain or
;; to close into a ring. The config is the topic itself, or JSON whose last string is the topic: `"hop.b"`,
;; `{"topic": "hop.b"}`.
(module $hop
  (import "mesh_v1" "event_read" (func $event_read (param i32 i32 i32) (result i32)))
  (import "mesh_v1" "config_read" (func $config_read (param i32 i32 i32) (result i32)))
  (import "mesh_v1" "publish" (func $publish (param i32 i32 i32 i32)))

  (memory (export "memory") 1)
  (global $config i32 (i32.const 0))
  (global $config_capacity i32 (i32.const 1024))
  (global $data i32 (i32.const 1024))
  (global $data_capacity i32 (i32.const 4096))
  (global $topic (mut i32) (i32.const 0))
  (global $topic_len (mut i32) (i32.const 0))

  ;; Answers 1 when there is no topic.
  (func $mesh_init (export "mesh_init") (result i32)
    (local $end i32)
    (local $start i32)
    (local.set $end (call $config_read (global.get $config) (i32.const 0) (global.get $config_capacity)))
    (global.set $topic (global.get $config))
    (global.set $topic_len (local.get $end))
    (local.set $end (call $last_quote (local.get $end)))
    (if (i32.gt_s (local.get $end) (i32.const 0))
      (then
        (local.set $start (i32.add (call $last_quote (local.get $end)) (i32.const 1)))
        (global.set $topic (local.get $start))
        (global.set $topic_len (i32.sub (local.get $end) (local.get $start)))))
    (i32.eqz (global.get $topic_len)))

  ;; The place of the last double quote before `end`, -1 if there is none.
  (func $last_quote (param $end i32) (result i32)
    (loop $next
      (local.set $end (i32.sub (local.get $end) (i32.const 1)))
      (if (i32.lt_s (local.get $end) (i32.const 0)) (then (return (i32.const -1))))
      (br_if $next (i32.ne (i32.load8_u (local.get $end)) (i32.const 34))))
    (local.get $end))

  (func $mesh_handle (export "mesh_handle") (param $event_size i32) (result i32)
    (call $publish (global.get $topic) (global.get $topic_len)
      (global.get $data) (call $event_read (global.get $data) (i32.const 0) (global.get $data_capacity)))
    (i32.const 0)))
