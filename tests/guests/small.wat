;; The smallest handler that keeps state: it counts its events and publishes nothing. What a turn costs is the mesh's.
(module $small
  (memory (export "memory") 1)
  (global $count (mut i64) (i64.const 0))

  (func $mesh_handle (export "mesh_handle") (param $event_size i32) (result i32)
    (global.set $count (i64.add (global.get $count) (i64.const 1)))
    (i32.const 0)))
