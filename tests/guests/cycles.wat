;; Makes cyclic garbage: each event adds a ring of objects and forgets the one of 16 events before, so that the live part stays small while the
;; heap fills with rings that hold on to themselves. Counts what it keeps, and traps if a ring that it keeps is not whole.
(module $cycles
  (memory (export "memory") 1)
  (rec (type $node (struct (field $next (mut (ref null $node))) (field $number i32) (field $load i64))))
  (type $rings (array (mut (ref null $node))))

  (global $rings (ref $rings) (array.new_default $rings (i32.const 16)))
  (global $events (mut i32) (i32.const 0))
  (global $ring_size i32 (i32.const 1000))

  (func (export "mesh_handle") (param $event_size i32) (result i32)
    (local $slot i32)
    (local.set $slot (i32.rem_u (global.get $events) (i32.const 16)))
    (if (i32.ge_u (global.get $events) (i32.const 16))
      (then (call $check (array.get $rings (global.get $rings) (local.get $slot)))))
    (array.set $rings (global.get $rings) (local.get $slot) (call $ring))
    (global.set $events (i32.add (global.get $events) (i32.const 1)))
    (i32.const 0))

  (func $ring (result (ref $node))
    (local $first (ref $node))
    (local $last (ref $node))
    (local $i i32)
    (local.set $first (struct.new $node (ref.null $node) (i32.const 0) (i64.const 7)))
    (local.set $last (local.get $first))
    (local.set $i (i32.const 1))
    (loop $more
      (local.set $last (struct.new $node (local.get $last) (local.get $i) (i64.extend_i32_u (global.get $events))))
      (br_if $more (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (global.get $ring_size))))
    (struct.set $node $next (local.get $first) (local.get $last))
    (local.get $last))

  ;; Once around: as many objects as there were, and back at the first.
  (func $check (param $ring (ref null $node))
    (local $at (ref null $node))
    (local $count i32)
    (local.set $at (local.get $ring))
    (loop $next
      (local.set $count (i32.add (local.get $count) (i32.const 1)))
      (local.set $at (struct.get $node $next (local.get $at)))
      (br_if $next (i32.eqz (ref.eq (local.get $at) (local.get $ring)))))
    (if (i32.ne (local.get $count) (global.get $ring_size)) (then unreachable))))
