;; Publishes the data of each event again, on `echo.out`, whatever its size.
(module $echo
  (import "mesh_v1" "event_read" (func $event_read (param i32 i32 i32) (result i32)))
  (import "mesh_v1" "publish" (func $publish (param i32 i32 i32 i32)))

  (memory (export "memory") 1)
  (data (i32.const 0) "echo.out")
  (global $data i32 (i32.const 1024))

  (func $mesh_handle (export "mesh_handle") (param $event_size i32) (result i32)
    (call $make_room (local.get $event_size))
    (call $publish (i32.const 0) (i32.const 8)
      (global.get $data) (call $event_read (global.get $data) (i32.const 0) (local.get $event_size)))
    (i32.const 0))

  (func $make_room (param $event_size i32)
    (local $pages i32)
    ;; Pages for the buffer's start and the event, rounded up, less what is there.
    (local.set $pages
      (i32.sub
        (i32.shr_u (i32.add (local.get $event_size) (i32.const 66559)) (i32.const 16))
        (memory.size)))
    (if (i32.le_s (local.get $pages) (i32.const 0)) (then (return)))
    (if (i32.eq (memory.grow (local.get $pages)) (i32.const -1)) (then unreachable))))
