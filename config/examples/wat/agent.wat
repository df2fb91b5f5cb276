;; Counts the events it is given and their bytes, and tells after every 256 of them on `feed.count`, as JSON.
;;
;; Everything by hand: what is to be kept lies in globals and in memory, there is no allocator and no library. An event that does
;; not begin as a feature of the feed does is a trap: the turn fails, and neither count is ever seen to have moved.
(module $feed-counter
  (import "mesh_v1" "event_read" (func $event_read (param $dst i32) (param $offset i32) (param $len i32) (result i32)))
  (import "mesh_v1" "publish_as"
    (func $publish_as (param $topic i32) (param $topic_len i32) (param $subject i32) (param $subject_len i32)
      (param $content_type i32) (param $content_type_len i32) (param $data i32) (param $data_len i32)))

  (memory (export "memory") 1)

  ;; 0: topic. 16: content type. 32: what a feature begins with. 64, 80: pieces of the report. 256: the first bytes of the event.
  ;; 512: the report.
  (data (i32.const 0) "feed.count")
  (data (i32.const 16) "application/json")
  (data (i32.const 32) "{\"type\":\"Feature\"")
  (data (i32.const 64) "{\"events\":")
  (data (i32.const 80) ",\"bytes\":")
  (global $head_bytes i32 (i32.const 17))
  (global $event i32 (i32.const 256))
  (global $report i32 (i32.const 512))
  (global $report_every i64 (i64.const 256))

  (global $events (mut i64) (i64.const 0))
  (global $bytes (mut i64) (i64.const 0))
  ;; Where the next byte of the report goes.
  (global $end (mut i32) (i32.const 0))

  (func $mesh_handle (export "mesh_handle") (param $event_size i32) (result i32)
    (call $require_feature)
    (global.set $events (i64.add (global.get $events) (i64.const 1)))
    (global.set $bytes (i64.add (global.get $bytes) (i64.extend_i32_u (local.get $event_size))))
    (if (i64.eqz (i64.rem_u (global.get $events) (global.get $report_every))) (then (call $publish_report)))
    (i32.const 0))

  (func $require_feature
    (local $at i32)
    (if (i32.lt_u (call $event_read (global.get $event) (i32.const 0) (global.get $head_bytes)) (global.get $head_bytes))
      (then unreachable))
    (loop $next
      (if (i32.ne (i32.load8_u offset=256 (local.get $at)) (i32.load8_u offset=32 (local.get $at)))
        (then unreachable))
      (br_if $next (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 1))) (global.get $head_bytes)))))

  (func $publish_report
    (global.set $end (global.get $report))
    (call $append (i32.const 64) (i32.const 10))
    (call $append_number (global.get $events))
    (call $append (i32.const 80) (i32.const 9))
    (call $append_number (global.get $bytes))
    (i32.store8 (global.get $end) (i32.const 0x7d)) ;; }
    (call $publish_as (i32.const 0) (i32.const 10) (i32.const 0) (i32.const 0) (i32.const 16) (i32.const 16)
      (global.get $report) (i32.sub (i32.add (global.get $end) (i32.const 1)) (global.get $report))))

  (func $append (param $text i32) (param $len i32)
    (memory.copy (global.get $end) (local.get $text) (local.get $len))
    (global.set $end (i32.add (global.get $end) (local.get $len))))

  ;; The digits before the last one first.
  (func $append_number (param $value i64)
    (if (i64.ge_u (local.get $value) (i64.const 10))
      (then (call $append_number (i64.div_u (local.get $value) (i64.const 10)))))
    (i32.store8 (global.get $end) (i32.add (i32.const 0x30) (i32.wrap_i64 (i64.rem_u (local.get $value) (i64.const 10)))))
    (global.set $end (i32.add (global.get $end) (i32.const 1)))))
