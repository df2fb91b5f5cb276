;; What the Emscripten build of QuickJS imports, under the one-letter names that it has in version 0.32.0 of its package: its memory,
;; and what Emscripten's JavaScript would do for it. There are no files, the time zone is UTC, and the clock is the mesh's: the time at
;; which the event of the turn was appended.
(module $emscripten
  (import "agent" "memory" (memory $agent 1))
  (import "agent" "call_host" (func $call_host (param i32 i32 i32 i32 i32) (result i32)))
  (import "mesh_v1" "now" (func $now (result i64)))

  (memory $js (export "a") (export "memory") 256 32768)

  (global $no_such_file i32 (i32.const 44))
  (global $not_supported i32 (i32.const 52))

  (func (export "b") (param $condition i32) (param $file i32) (param $line i32) (param $function i32) unreachable) ;; __assert_fail
  (func (export "c") (param $fd i32) (param $parts i32) (param $count i32) (param $written i32) (result i32) ;; fd_write: all is taken
    (local $sum i32)
    (block $done
      (loop $next
        (br_if $done (i32.eqz (local.get $count)))
        (local.set $sum (i32.add (local.get $sum) (i32.load $js offset=4 (local.get $parts))))
        (local.set $parts (i32.add (local.get $parts) (i32.const 8)))
        (local.set $count (i32.sub (local.get $count) (i32.const 1)))
        (br $next)))
    (i32.store $js (local.get $written) (local.get $sum))
    (i32.const 0))
  (func (export "d") (param $fd i32) (result i32) (global.get $not_supported)) ;; fd_close
  (func (export "e") (param $pointers i32) (param $texts i32) (result i32) (i32.const 0)) ;; environ_get: nothing
  (func (export "f") (param $count i32) (param $bytes i32) (result i32) ;; environ_sizes_get: none
    (i32.store $js (local.get $count) (i32.const 0))
    (i32.store $js (local.get $bytes) (i32.const 0))
    (i32.const 0))
  (func (export "g") (param $rt i32) (param $ctx i32) (param $base i32) (param $name i32) (result i32) (i32.const 0)) ;; no modules
  (func (export "h") (param $rt i32) (param $ctx i32) (param $name i32) (result i32) (i32.const 0)) ;; no modules
  (func (export "i") (param $rt i32) (result i32) (i32.const 0)) ;; no interruption: the deadline of the turn does that
  (func (export "j") (param $timer i32) (param $ms f64) (result i32) (i32.const 0)) ;; _setitimer_js: no signals
  (func (export "k") (param $bytes i32) (result i32) ;; emscripten_resize_heap
    (local $missing i32)
    (local.set $missing
      (i32.sub (i32.wrap_i64 (i64.shr_u (i64.add (i64.extend_i32_u (local.get $bytes)) (i64.const 65535)) (i64.const 16)))
        (memory.size $js)))
    (if (i32.le_s (local.get $missing) (i32.const 0)) (then (return (i32.const 1))))
    (i32.ne (memory.grow $js (local.get $missing)) (i32.const -1)))
  (func (export "l")) ;; _emscripten_runtime_keepalive_clear
  (func (export "m") (param $time i64) (param $tm i32) ;; _localtime_js: only the offset from UTC is looked at
    (memory.fill $js (local.get $tm) (i32.const 0) (i32.const 40)))
  (func (export "n") (param $timezone i32) (param $daylight i32) (param $standard_name i32) (param $summer_name i32) ;; _tzset_js
    (i32.store $js (local.get $timezone) (i32.const 0))
    (i32.store $js (local.get $daylight) (i32.const 0))
    (i32.store $js (local.get $standard_name) (i32.const 0x435455)) ;; "UTC"
    (i32.store $js (local.get $summer_name) (i32.const 0x435455)))
  (func (export "o") (param $fd i32) (param $offset i64) (param $whence i32) (param $new i32) (result i32) (global.get $no_such_file)) ;; fd_seek
  (func (export "p") (result f64) ;; emscripten_date_now
    (f64.convert_i64_s (i64.div_s (call $now) (i64.const 1000000))))
  (func (export "q") (param $clock i32) (param $precision i64) (param $time i32) (result i32) ;; clock_time_get
    (i64.store $js (local.get $time) (call $now))
    (i32.const 0))
  (func (export "r") unreachable) ;; _abort_js
  (func (export "s") (param $code i32) unreachable) ;; proc_exit
  (func (export "t") (param $ctx i32) (param $this i32) (param $argc i32) (param $argv i32) (param $id i32) (result i32) ;; a function of the host
    (call $call_host (local.get $ctx) (local.get $this) (local.get $argc) (local.get $argv) (local.get $id)))
  (func (export "u") (param $rt i32) (param $id i32)) ;; a function of the host is no longer needed

  ;; What crosses between the two memories.
  (func (export "to_js") (param $dst i32) (param $src i32) (param $len i32)
    (memory.copy $js $agent (local.get $dst) (local.get $src) (local.get $len)))
  (func (export "from_js") (param $dst i32) (param $src i32) (param $len i32)
    (memory.copy $agent $js (local.get $dst) (local.get $src) (local.get $len)))
  (func (export "byte_of_js") (param $at i32) (result i32)
    (i32.load8_u $js (local.get $at)))
  (func (export "length_in_js") (param $text i32) (result i32)
    (local $end i32)
    (local.set $end (local.get $text))
    (block $done
      (loop $next
        (br_if $done (i32.eqz (i32.load8_u $js (local.get $end))))
        (local.set $end (i32.add (local.get $end) (i32.const 1)))
        (br $next)))
    (i32.sub (local.get $end) (local.get $text))))
