;; An agent that changes the topology. The data of an event is a digit: it asks for the change in that line of its config, the first
;; of which is 0; or it is a change, which it asks for as it is. What it is told (an event with a correlation) it publishes on `integrator.out`.
(module $integrator
  (import "mesh_v1" "event_read" (func $event_read (param i32 i32 i32) (result i32)))
  (import "mesh_v1" "event_attr" (func $event_attr (param i32 i32 i32) (result i32)))
  (import "mesh_v1" "config_read" (func $config_read (param i32 i32 i32) (result i32)))
  (import "mesh_v1" "publish" (func $publish (param i32 i32 i32 i32)))
  (import "mesh_v1" "integrate" (func $integrate (param i32 i32) (result i64)))

  (memory (export "memory") 3)
  (data (i32.const 0) "integrator.out")
  (global $correlation i32 (i32.const 7))
  (global $data i32 (i32.const 65536))
  (global $capacity i32 (i32.const 65536))
  (global $config i32 (i32.const 131072))

  (func $mesh_handle (export "mesh_handle") (param $event_size i32) (result i32)
    (local $len i32)
    (local.set $len (call $event_read (global.get $data) (i32.const 0) (global.get $capacity)))
    (if (call $event_attr (global.get $correlation) (i32.const 64) (i32.const 64))
      (then
        (call $publish (i32.const 0) (i32.const 14) (global.get $data) (local.get $len))
        (return (i32.const 0))))
    (if (i32.eq (local.get $len) (i32.const 1))
      (then (drop (call $integrate (call $line (i32.sub (i32.load8_u (global.get $data)) (i32.const 48))))))
      (else (drop (call $integrate (global.get $data) (local.get $len)))))
    (i32.const 0))

  ;; Place and length of a line of the config.
  (func $line (param $number i32) (result i32 i32)
    (local $at i32)
    (local $end i32)
    (local $to i32)
    (local.set $at (global.get $config))
    (local.set $end (i32.add (global.get $config) (call $config_read (global.get $config) (i32.const 0) (i32.const 65536))))
    (block $found
      (loop $next
        (local.set $to (call $line_end (local.get $at) (local.get $end)))
        (br_if $found (i32.eqz (local.get $number)))
        (local.set $number (i32.sub (local.get $number) (i32.const 1)))
        (local.set $at (i32.add (local.get $to) (i32.const 1)))
        (br $next)))
    (local.get $at)
    (i32.sub (local.get $to) (local.get $at)))

  (func $line_end (param $at i32) (param $end i32) (result i32)
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $at) (local.get $end)))
        (br_if $done (i32.eq (i32.load8_u (local.get $at)) (i32.const 10)))
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (br $next)))
    (local.get $at)))
