;; Keeps its state where no memory shows it: a list of GC structs in a global, one node for each event with the event's size.
;; Publishes the sum of the sizes, as decimal text, on `gc.out`. Data that begins with "trap" traps once the node is in.
(module $gcstate
  (type $node (struct (field $size i32) (field $next (ref null $node))))

  (import "mesh_v1" "event_read" (func $event_read (param i32 i32 i32) (result i32)))
  (import "mesh_v1" "publish" (func $publish (param i32 i32 i32 i32)))

  (memory (export "memory") 1)
  (data (i32.const 0) "gc.out")
  (global $list (mut (ref null $node)) (ref.null $node))
  (global $digits_end i32 (i32.const 64))
  (global $data i32 (i32.const 64))
  (global $trap_word i32 (i32.const 0x70617274))

  (func $mesh_handle (export "mesh_handle") (param $event_size i32) (result i32)
    (global.set $list (struct.new $node (local.get $event_size) (global.get $list)))
    (if (i32.eq (call $event_read (global.get $data) (i32.const 0) (i32.const 4)) (i32.const 4))
      (then (if (i32.eq (i32.load (global.get $data)) (global.get $trap_word)) (then (call $trap)))))
    (call $publish_decimal (call $sum))
    (i32.const 0))

  (func $trap unreachable)

  (func $sum (result i32)
    (local $node (ref null $node))
    (local $sum i32)
    (local.set $node (global.get $list))
    (block $end
      (loop $next
        (br_if $end (ref.is_null (local.get $node)))
        (local.set $sum (i32.add (local.get $sum) (struct.get $node $size (local.get $node))))
        (local.set $node (struct.get $node $next (local.get $node)))
        (br $next)))
    (local.get $sum))

  (func $publish_decimal (param $rest i32)
    (local $at i32)
    (local.set $at (global.get $digits_end))
    (loop $next
      (local.set $at (i32.sub (local.get $at) (i32.const 1)))
      (i32.store8 (local.get $at) (i32.add (i32.const 48) (i32.rem_u (local.get $rest) (i32.const 10))))
      (local.set $rest (i32.div_u (local.get $rest) (i32.const 10)))
      (br_if $next (local.get $rest)))
    (call $publish (i32.const 0) (i32.const 6) (local.get $at) (i32.sub (global.get $digits_end) (local.get $at)))))
