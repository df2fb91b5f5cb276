;; Plays ping-pong with another agent by direct messages. Data `<to> <from> <hops>`: with hops left it sends
;; `<from> <to> <hops - 1>` to the agent <to>; with none left it publishes the data on `ping.done`.
;; So the data `b a 10`, given to a, runs ten messages between a and b. Data of another form answers status 1.
(module $pinger
  (import "mesh_v1" "event_read" (func $event_read (param i32 i32 i32) (result i32)))
  (import "mesh_v1" "publish" (func $publish (param i32 i32 i32 i32)))
  (import "mesh_v1" "send" (func $send (param i32 i32 i32 i32)))

  (memory (export "memory") 1)
  (data (i32.const 0) "ping.done")
  (global $space i32 (i32.const 32))
  (global $data i32 (i32.const 1024))
  (global $data_capacity i32 (i32.const 1024))
  (global $out i32 (i32.const 4096))
  (global $digits_end i32 (i32.const 1024))

  (func $mesh_handle (export "mesh_handle") (param $event_size i32) (result i32)
    (local $end i32)
    (local $from i32)
    (local $hops_text i32)
    (local $hops i32)
    (local.set $end
      (i32.add (global.get $data) (call $event_read (global.get $data) (i32.const 0) (global.get $data_capacity))))
    (local.set $from (call $after_space (global.get $data) (local.get $end)))
    (local.set $hops_text (call $after_space (local.get $from) (local.get $end)))
    (if (i32.eq (local.get $hops_text) (local.get $end)) (then (return (i32.const 1))))
    (local.set $hops (call $parse_decimal (local.get $hops_text) (local.get $end)))
    (if (i32.lt_s (local.get $hops) (i32.const 0)) (then (return (i32.const 1))))
    (if (i32.eqz (local.get $hops))
      (then
        (call $publish (i32.const 0) (i32.const 9) (global.get $data) (i32.sub (local.get $end) (global.get $data)))
        (return (i32.const 0))))
    (call $send
      (global.get $data) (i32.sub (i32.sub (local.get $from) (global.get $data)) (i32.const 1))
      (global.get $out) (call $write_answer (local.get $from) (local.get $hops_text) (local.get $hops)))
    (i32.const 0))

  ;; The place after the next space, `end` if there is none.
  (func $after_space (param $at i32) (param $end i32) (result i32)
    (loop $next
      (if (i32.ge_u (local.get $at) (local.get $end)) (then (return (local.get $end))))
      (local.set $at (i32.add (local.get $at) (i32.const 1)))
      (br_if $next (i32.ne (i32.load8_u (i32.sub (local.get $at) (i32.const 1))) (global.get $space))))
    (local.get $at))

  ;; -1 if there is anything but digits, or more than nine of them.
  (func $parse_decimal (param $at i32) (param $end i32) (result i32)
    (local $digit i32)
    (local $value i32)
    (if (i32.gt_u (i32.sub (local.get $end) (local.get $at)) (i32.const 9)) (then (return (i32.const -1))))
    (loop $next
      (local.set $digit (i32.sub (i32.load8_u (local.get $at)) (i32.const 48)))
      (if (i32.gt_u (local.get $digit) (i32.const 9)) (then (return (i32.const -1))))
      (local.set $value (i32.add (i32.mul (local.get $value) (i32.const 10)) (local.get $digit)))
      (br_if $next (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 1))) (local.get $end))))
    (local.get $value))

  ;; Writes `<from> <to> <hops - 1>` and answers its length.
  (func $write_answer (param $from i32) (param $hops_text i32) (param $hops i32) (result i32)
    (local $at i32)
    (local $len i32)
    (local $rest i32)
    (local.set $len (i32.sub (local.get $hops_text) (local.get $from)))
    (memory.copy (global.get $out) (local.get $from) (local.get $len))
    (local.set $at (i32.add (global.get $out) (local.get $len)))
    (local.set $len (i32.sub (local.get $from) (global.get $data)))
    (memory.copy (local.get $at) (global.get $data) (local.get $len))
    (local.set $at (i32.add (local.get $at) (local.get $len)))

    (local.set $rest (i32.sub (local.get $hops) (i32.const 1)))
    (local.set $len (global.get $digits_end))
    (loop $next
      (local.set $len (i32.sub (local.get $len) (i32.const 1)))
      (i32.store8 (local.get $len) (i32.add (i32.const 48) (i32.rem_u (local.get $rest) (i32.const 10))))
      (local.set $rest (i32.div_u (local.get $rest) (i32.const 10)))
      (br_if $next (local.get $rest)))
    (memory.copy (local.get $at) (local.get $len) (i32.sub (global.get $digits_end) (local.get $len)))
    (i32.sub
      (i32.add (local.get $at) (i32.sub (global.get $digits_end) (local.get $len)))
      (global.get $out))))
