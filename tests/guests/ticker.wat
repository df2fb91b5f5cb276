;; Timers, requests and replies on command. The data of an event is one of
;;
;;   schedule <delay_ms> <text>   schedules <text> on `tick.fired`, publishes the timer on `tick.scheduled`
;;   cancel                       cancels the timer scheduled last, publishes the timer on `tick.cancelled`
;;   request <timeout_ms> <text>  requests with <text> on `tick.ask`, publishes the correlation on `tick.requested`
;;   reply <text>                 replies with <text>
;;
;; and anything else (a timer that fired, an answer that came) is published again on `tick.seen`, with the event's correlation
;; as its subject. Numbers are decimal text.
(module $ticker
  (import "mesh_v1" "event_read" (func $event_read (param i32 i32 i32) (result i32)))
  (import "mesh_v1" "event_attr" (func $event_attr (param i32 i32 i32) (result i32)))
  (import "mesh_v1" "publish" (func $publish (param i32 i32 i32 i32)))
  (import "mesh_v1" "publish_as" (func $publish_as (param i32 i32 i32 i32 i32 i32 i32 i32)))
  (import "mesh_v1" "schedule" (func $schedule (param i64 i32 i32 i32 i32) (result i64)))
  (import "mesh_v1" "cancel" (func $cancel (param i64)))
  (import "mesh_v1" "request" (func $request (param i32 i32 i32 i32 i64) (result i64)))
  (import "mesh_v1" "reply" (func $reply (param i32 i32)))

  (memory (export "memory") 1)
  (data (i32.const 0) "tick.fired")
  (data (i32.const 16) "tick.scheduled")
  (data (i32.const 32) "tick.cancelled")
  (data (i32.const 48) "tick.ask")
  (data (i32.const 64) "tick.requested")
  (data (i32.const 80) "tick.seen")
  (data (i32.const 128) "schedule ")
  (data (i32.const 144) "cancel")
  (data (i32.const 160) "request ")
  (data (i32.const 176) "reply ")
  (global $digits_end i32 (i32.const 256))
  (global $correlation i32 (i32.const 512))
  (global $correlation_capacity i32 (i32.const 64))
  (global $correlation_attribute i32 (i32.const 7))
  (global $data i32 (i32.const 1024))
  (global $data_capacity i32 (i32.const 4096))
  (global $end (mut i32) (i32.const 0))
  (global $timer (mut i64) (i64.const 0))

  (func $mesh_handle (export "mesh_handle") (param $event_size i32) (result i32)
    (global.set $end
      (i32.add (global.get $data) (call $event_read (global.get $data) (i32.const 0) (global.get $data_capacity))))
    (if (call $starts_with (i32.const 128) (i32.const 9)) (then (return (call $handle_schedule))))
    (if (call $starts_with (i32.const 144) (i32.const 6)) (then (return (call $handle_cancel))))
    (if (call $starts_with (i32.const 160) (i32.const 8)) (then (return (call $handle_request))))
    (if (call $starts_with (i32.const 176) (i32.const 6)) (then (return (call $handle_reply))))
    (call $handle_other))

  (func $handle_schedule (result i32)
    (local $delay_ms i64)
    (local $text i32)
    (call $number_then_text (i32.const 1033))
    (local.set $text)
    (local.set $delay_ms)
    (global.set $timer
      (call $schedule (local.get $delay_ms) (i32.const 0) (i32.const 10) (local.get $text) (call $rest_from (local.get $text))))
    (call $publish_decimal (i32.const 16) (i32.const 14) (global.get $timer))
    (i32.const 0))

  (func $handle_cancel (result i32)
    (call $cancel (global.get $timer))
    (call $publish_decimal (i32.const 32) (i32.const 14) (global.get $timer))
    (i32.const 0))

  (func $handle_request (result i32)
    (local $timeout_ms i64)
    (local $text i32)
    (call $number_then_text (i32.const 1032))
    (local.set $text)
    (local.set $timeout_ms)
    (call $publish_decimal (i32.const 64) (i32.const 14)
      (call $request (i32.const 48) (i32.const 8) (local.get $text) (call $rest_from (local.get $text)) (local.get $timeout_ms)))
    (i32.const 0))

  (func $handle_reply (result i32)
    (call $reply (i32.const 1030) (call $rest_from (i32.const 1030)))
    (i32.const 0))

  (func $handle_other (result i32)
    (call $publish_as (i32.const 80) (i32.const 9)
      (global.get $correlation)
      (call $event_attr (global.get $correlation_attribute) (global.get $correlation) (global.get $correlation_capacity))
      (i32.const 0) (i32.const 0)
      (global.get $data) (call $rest_from (global.get $data)))
    (i32.const 0))

  (func $rest_from (param $at i32) (result i32)
    (i32.sub (global.get $end) (local.get $at)))

  (func $starts_with (param $word i32) (param $word_len i32) (result i32)
    (local $i i32)
    (if (i32.lt_u (call $rest_from (global.get $data)) (local.get $word_len)) (then (return (i32.const 0))))
    (loop $next
      (if (i32.ne (i32.load8_u (i32.add (global.get $data) (local.get $i)))
                  (i32.load8_u (i32.add (local.get $word) (local.get $i))))
        (then (return (i32.const 0))))
      (br_if $next (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $word_len))))
    (i32.const 1))

  ;; The decimal number at `at`, and where the text after the space behind it begins.
  (func $number_then_text (param $at i32) (result i64 i32)
    (local $digit i32)
    (local $value i64)
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $at) (global.get $end)))
        (local.set $digit (i32.sub (i32.load8_u (local.get $at)) (i32.const 48)))
        (br_if $done (i32.gt_u (local.get $digit) (i32.const 9)))
        (local.set $value (i64.add (i64.mul (local.get $value) (i64.const 10)) (i64.extend_i32_u (local.get $digit))))
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (br $next)))
    (if (i32.lt_u (local.get $at) (global.get $end)) (then (local.set $at (i32.add (local.get $at) (i32.const 1)))))
    (local.get $value)
    (local.get $at))

  (func $publish_decimal (param $topic i32) (param $topic_len i32) (param $rest i64)
    (local $at i32)
    (local.set $at (global.get $digits_end))
    (loop $next
      (local.set $at (i32.sub (local.get $at) (i32.const 1)))
      (i64.store8 (local.get $at) (i64.add (i64.const 48) (i64.rem_u (local.get $rest) (i64.const 10))))
      (local.set $rest (i64.div_u (local.get $rest) (i64.const 10)))
      (br_if $next (i64.ne (local.get $rest) (i64.const 0))))
    (call $publish (local.get $topic) (local.get $topic_len)
      (local.get $at) (i32.sub (global.get $digits_end) (local.get $at)))))
