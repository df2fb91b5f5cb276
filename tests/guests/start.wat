;; Has a start function and a mesh_init, both of which belong to turn 0 and both of which emit.
;;
;;   start function  sets a global, publishes `start.ran`
;;   mesh_init       sets a global, publishes the config (up to 1,024 bytes) on `start.init`
;;   mesh_handle     publishes how often each of the three ran in this life, as in `1 1 3`, on `start.state`
;;
;; Each count is published as one digit, so it is meant for up to nine events.
(module $start
  (import "mesh_v1" "config_read" (func $config_read (param i32 i32 i32) (result i32)))
  (import "mesh_v1" "publish" (func $publish (param i32 i32 i32 i32)))

  (memory (export "memory") 1)
  (data (i32.const 0) "start.ran")
  (data (i32.const 16) "start.init")
  (data (i32.const 32) "start.state")
  (data (i32.const 48) "? ? ?")
  (global $starts (mut i32) (i32.const 0))
  (global $inits (mut i32) (i32.const 0))
  (global $turns (mut i32) (i32.const 0))
  (global $config i32 (i32.const 1024))
  (global $config_capacity i32 (i32.const 1024))

  (start $run_at_birth)

  (func $run_at_birth
    (global.set $starts (i32.add (global.get $starts) (i32.const 1)))
    (call $publish (i32.const 0) (i32.const 9) (i32.const 0) (i32.const 0)))

  (func $mesh_init (export "mesh_init") (result i32)
    (global.set $inits (i32.add (global.get $inits) (i32.const 1)))
    (call $publish (i32.const 16) (i32.const 10)
      (global.get $config) (call $config_read (global.get $config) (i32.const 0) (global.get $config_capacity)))
    (i32.const 0))

  (func $mesh_handle (export "mesh_handle") (param $event_size i32) (result i32)
    (global.set $turns (i32.add (global.get $turns) (i32.const 1)))
    (i32.store8 (i32.const 48) (i32.add (i32.const 48) (global.get $starts)))
    (i32.store8 (i32.const 50) (i32.add (i32.const 48) (global.get $inits)))
    (i32.store8 (i32.const 52) (i32.add (i32.const 48) (global.get $turns)))
    (call $publish (i32.const 32) (i32.const 11) (i32.const 48) (i32.const 5))
    (i32.const 0)))
