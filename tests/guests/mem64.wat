;; A guest whose memory 0 is 64-bit, so that every pointer and length of mesh_v1 is an i64. Publishes on `mem64.out` the
;; count of events so far, as decimal text, a space and the data (up to 4,096 bytes of it).
(module $mem64
  (import "mesh_v1" "event_read" (func $event_read (param i64 i64 i64) (result i64)))
  (import "mesh_v1" "publish" (func $publish (param i64 i64 i64 i64)))

  (memory (export "memory") i64 1)
  (data (i64.const 0) "mem64.out")
  (global $count (mut i64) (i64.const 0))
  (global $data i64 (i64.const 1024))
  (global $data_capacity i64 (i64.const 4096))

  (func $mesh_handle (export "mesh_handle") (param $event_size i64) (result i32)
    (local $at i64)
    (local $rest i64)
    (local $end i64)
    (global.set $count (i64.add (global.get $count) (i64.const 1)))
    (local.set $end
      (i64.add (global.get $data) (call $event_read (global.get $data) (i64.const 0) (global.get $data_capacity))))

    ;; The prefix is written backwards, up to where the data begins.
    (local.set $at (i64.sub (global.get $data) (i64.const 1)))
    (i64.store8 (local.get $at) (i64.const 32))
    (local.set $rest (global.get $count))
    (loop $next
      (local.set $at (i64.sub (local.get $at) (i64.const 1)))
      (i64.store8 (local.get $at) (i64.add (i64.const 48) (i64.rem_u (local.get $rest) (i64.const 10))))
      (local.set $rest (i64.div_u (local.get $rest) (i64.const 10)))
      (br_if $next (i64.ne (local.get $rest) (i64.const 0))))
    (call $publish (i64.const 0) (i64.const 9) (local.get $at) (i64.sub (local.get $end) (local.get $at)))
    (i32.const 0)))
