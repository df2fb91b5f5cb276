;; What Ruby's module imports for handles of its values, which here are the values' own numbers, and how the runtime reaches into the
;; memory of the interpreter: the runtime has another one.
(module $canonical_abi
  (import "ruby" "memory" (memory $ruby 1))
  (import "agent" "memory" (memory $runtime 1))

  (func (export "resource_new_rb-abi-value") (param $value i32) (result i32) (local.get $value))
  (func (export "resource_get_rb-abi-value") (param $handle i32) (result i32) (local.get $handle))
  (func (export "resource_drop_js-abi-value") (param $handle i32))

  (func (export "load") (param $at i32) (result i32) (i32.load $ruby align=1 (local.get $at)))
  (func (export "store") (param $at i32) (param $value i32) (i32.store $ruby (local.get $at) (local.get $value)))
  (func (export "to_ruby") (param $dst i32) (param $src i32) (param $len i32)
    (memory.copy $ruby $runtime (local.get $dst) (local.get $src) (local.get $len))))
