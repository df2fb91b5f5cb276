;; Counts its events, once in a global and once in memory, and publishes the count as decimal text on `count.out`.
;;
;; Then, if the data begins with one of the words below, it fails in the way that the word says. It counts and publishes
;; first, on purpose: a failed turn has changed state and emitted, and none of that may be seen afterwards.
;;
;;   trap    executes `unreachable`            stack   calls itself without end
;;   loop    never ends                        grow    grows memory until that is refused, then traps
;;   status  answers 7                         div     divides by zero
;;   fail    calls mesh_v1.fail                oob     loads from past the end of memory
;;   throw   throws an exception that nobody catches
(module $counter
  (import "mesh_v1" "event_read" (func $event_read (param i32 i32 i32) (result i32)))
  (import "mesh_v1" "publish" (func $publish (param i32 i32 i32 i32)))
  (import "mesh_v1" "fail" (func $fail (param i32 i32)))

  (memory (export "memory") 1)
  (tag $broken (param i32))

  ;; 0: the count. 16..31: its digits, written from the end. 64..: constants. 1024..1039: the first bytes of the data.
  (global $count (mut i32) (i32.const 0))
  (global $digits_end i32 (i32.const 32))
  (global $data i32 (i32.const 1024))
  (global $data_capacity i32 (i32.const 16))
  (data (i32.const 64) "count.out")
  (data (i32.const 80) "failed as the event asked for")
  (data (i32.const 128) "trap")
  (data (i32.const 136) "loop")
  (data (i32.const 144) "status")
  (data (i32.const 152) "fail")
  (data (i32.const 160) "throw")
  (data (i32.const 168) "stack")
  (data (i32.const 176) "grow")
  (data (i32.const 184) "div")
  (data (i32.const 192) "oob")

  (func $mesh_handle (export "mesh_handle") (param $event_size i32) (result i32)
    (local $len i32)
    (global.set $count (i32.add (global.get $count) (i32.const 1)))
    (i32.store (i32.const 0) (i32.add (i32.load (i32.const 0)) (i32.const 1)))
    (if (i32.ne (global.get $count) (i32.load (i32.const 0))) (then (call $global_and_memory_disagree)))
    (call $publish_count)

    (local.set $len (call $event_read (global.get $data) (i32.const 0) (global.get $data_capacity)))
    (if (call $starts_with (local.get $len) (i32.const 128) (i32.const 4)) (then (call $trap)))
    (if (call $starts_with (local.get $len) (i32.const 136) (i32.const 4)) (then (call $loop_for_ever)))
    (if (call $starts_with (local.get $len) (i32.const 144) (i32.const 6)) (then (return (i32.const 7))))
    (if (call $starts_with (local.get $len) (i32.const 152) (i32.const 4)) (then (call $fail (i32.const 80) (i32.const 29))))
    (if (call $starts_with (local.get $len) (i32.const 160) (i32.const 5)) (then (call $throw)))
    (if (call $starts_with (local.get $len) (i32.const 168) (i32.const 5)) (then (drop (call $recurse (i32.const 0)))))
    (if (call $starts_with (local.get $len) (i32.const 176) (i32.const 4)) (then (call $grow_without_end)))
    (if (call $starts_with (local.get $len) (i32.const 184) (i32.const 3)) (then (drop (call $divide (i32.const 1) (i32.const 0)))))
    (if (call $starts_with (local.get $len) (i32.const 192) (i32.const 3)) (then (drop (call $load_out_of_bounds))))
    (i32.const 0))

  (func $publish_count
    (local $rest i32)
    (local $at i32)
    (local.set $rest (global.get $count))
    (local.set $at (global.get $digits_end))
    (loop $next
      (local.set $at (i32.sub (local.get $at) (i32.const 1)))
      (i32.store8 (local.get $at) (i32.add (i32.const 48) (i32.rem_u (local.get $rest) (i32.const 10))))
      (local.set $rest (i32.div_u (local.get $rest) (i32.const 10)))
      (br_if $next (local.get $rest)))
    (call $publish (i32.const 64) (i32.const 9) (local.get $at) (i32.sub (global.get $digits_end) (local.get $at))))

  (func $starts_with (param $len i32) (param $word i32) (param $word_len i32) (result i32)
    (local $i i32)
    (if (i32.lt_u (local.get $len) (local.get $word_len)) (then (return (i32.const 0))))
    (loop $next
      (if (i32.ne (i32.load8_u (i32.add (global.get $data) (local.get $i)))
                  (i32.load8_u (i32.add (local.get $word) (local.get $i))))
        (then (return (i32.const 0))))
      (br_if $next (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $word_len))))
    (i32.const 1))

  (func $global_and_memory_disagree unreachable)

  (func $trap unreachable)

  (func $loop_for_ever (loop $again (br $again)))

  (func $throw (throw $broken (i32.const 42)))

  ;; The addition after the call keeps it from being a tail call.
  (func $recurse (param $depth i32) (result i32)
    (i32.add (i32.const 1) (call $recurse (i32.add (local.get $depth) (i32.const 1)))))

  (func $grow_without_end
    (loop $again
      (br_if $again (i32.ne (memory.grow (i32.const 16)) (i32.const -1))))
    unreachable)

  (func $divide (param $dividend i32) (param $divisor i32) (result i32)
    (i32.div_s (local.get $dividend) (local.get $divisor)))

  (func $load_out_of_bounds (result i32)
    (i32.load (i32.mul (memory.size) (i32.const 65536)))))
