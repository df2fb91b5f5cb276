;; Object graphs of a given size: a list and a tree of three fields, and what a class-based language makes of records with names, lists and parents.
(module
  (type $cell (struct (field $value (mut i32)) (field $key (mut i64)) (field $next (mut (ref null $cell)))))
  (type $tree (struct (field (mut i32)) (field $left (mut (ref null $tree))) (field $right (mut (ref null $tree)))))
  (rec
    (type $method (func (param (ref $object)) (result i32)))
    (type $vtable (sub (struct (field $hash (ref null $method)) (field $equals (ref null $method)))))
    (type $object (sub (struct (field $vt (ref $vtable)) (field $itable (ref null struct)) (field $rtti i32) (field $id (mut i32))))))
  (type $chars (array (mut i16)))
  (type $string (sub final $object (struct
    (field (ref $vtable)) (field (ref null struct)) (field i32) (field (mut i32)) (field $text (mut (ref null $chars))) (field $length (mut i32)))))
  (type $items (array (mut (ref null $object))))
  (type $list (sub final $object (struct
    (field (ref $vtable)) (field (ref null struct)) (field i32) (field (mut i32)) (field $items (mut (ref null $items))) (field $size (mut i32)))))
  (type $record (sub final $object (struct
    (field (ref $vtable)) (field (ref null struct)) (field i32) (field (mut i32))
    (field $name (mut (ref null $object))) (field $children (mut (ref null $object))) (field $parent (mut (ref null $object))) (field $weight (mut f64)))))
  (elem declare func $hash)
  (func $hash (type $method) (struct.get $object $id (local.get 0)))
  (global $string-vt (ref $vtable) (struct.new $vtable (ref.func $hash) (ref.null $method)))
  (global $list-vt (ref $vtable) (struct.new $vtable (ref.func $hash) (ref.func $hash)))
  (global $record-vt (ref $vtable) (struct.new $vtable (ref.null $method) (ref.func $hash)))
  (global $cells (mut (ref null $cell)) (ref.null $cell))
  (global $root (mut (ref null $tree)) (ref.null $tree))
  (global $graph (mut (ref null $object)) (ref.null $object))
  (func (export "build-list") (param $n i32) (local $head (ref null $cell))
    (loop $more
      (local.set $head (struct.new $cell (local.get $n) (i64.extend_i32_u (local.get $n)) (local.get $head)))
      (br_if $more (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (global.set $cells (local.get $head)))
  (func $tree (param $depth i32) (result (ref null $tree))
    (if (i32.eqz (local.get $depth)) (then (return (ref.null $tree))))
    (struct.new $tree (local.get $depth) (call $tree (i32.sub (local.get $depth) (i32.const 1))) (call $tree (i32.sub (local.get $depth) (i32.const 1)))))
  (func (export "build-tree") (param $depth i32) (global.set $root (call $tree (local.get $depth))))
  (func $string (param $id i32) (result (ref $string))
    (struct.new $string (global.get $string-vt) (ref.null struct) (i32.const 1) (local.get $id)
      (array.new $chars (i32.add (i32.const 97) (i32.and (local.get $id) (i32.const 15))) (i32.const 12)) (i32.const 12)))
  ;; A record with a name, and a list of four children below each.
  (func $record (param $depth i32) (param $parent (ref null $record)) (result (ref $record))
    (local $r (ref $record)) (local $items (ref $items)) (local $i i32)
    (local.set $r (struct.new $record (global.get $record-vt) (ref.null struct) (i32.const 3) (local.get $depth)
      (call $string (local.get $depth)) (ref.null $object) (local.get $parent) (f64.const 1.5)))
    (if (local.get $depth) (then
      (local.set $items (array.new_default $items (i32.const 6)))
      (loop $more
        (array.set $items (local.get $items) (local.get $i) (call $record (i32.sub (local.get $depth) (i32.const 1)) (local.get $r)))
        (br_if $more (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 4))))
      (struct.set $record $children (local.get $r)
        (struct.new $list (global.get $list-vt) (ref.null struct) (i32.const 2) (local.get $i) (local.get $items) (i32.const 4)))))
    (local.get $r))
  (global $touched (mut i32) (i32.const 0))
  (func (export "touch") (global.set $touched (i32.add (global.get $touched) (i32.const 1))))
  (func (export "build-records") (param $depth i32) (global.set $graph (call $record (local.get $depth) (ref.null $record)))))
