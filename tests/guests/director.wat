;; Every import of mesh_v1 that the other fixtures leave out, on command. The data of an event is words with one space between
;; them, the first of which says what to do; <…> is one word, <…>> the rest of the data.
;;
;;   spawn <name> <module> <config>>          spawns an agent
;;   stop <name>                              stops it
;;   watch <name>                             watches it
;;   as <topic> <subject> <type> <data>>      publishes with subject and content type
;;   to <topic> <data>>                       publishes on any topic, allowed or not
;;   attr <digit>                             publishes that attribute of the event on `director.out`
;;   now                                      publishes now() as eight bytes, little-endian, on `director.out`
;;   random <digit>                           publishes so many random bytes on `director.out`
;;   log <digit> <text>>                      logs on that level
;;   health <digit> <text>>                   says its health on that level
;;
;; Other data answers status 1.
(module $director
  (import "mesh_v1" "event_read" (func $event_read (param i32 i32 i32) (result i32)))
  (import "mesh_v1" "event_attr" (func $event_attr (param i32 i32 i32) (result i32)))
  (import "mesh_v1" "publish" (func $publish (param i32 i32 i32 i32)))
  (import "mesh_v1" "publish_as" (func $publish_as (param i32 i32 i32 i32 i32 i32 i32 i32)))
  (import "mesh_v1" "spawn" (func $spawn (param i32 i32 i32 i32 i32 i32)))
  (import "mesh_v1" "stop" (func $stop (param i32 i32)))
  (import "mesh_v1" "watch" (func $watch (param i32 i32)))
  (import "mesh_v1" "now" (func $now (result i64)))
  (import "mesh_v1" "random" (func $random (param i32 i32)))
  (import "mesh_v1" "log" (func $log (param i32 i32 i32)))
  (import "mesh_v1" "health" (func $health (param i32 i32 i32)))

  (memory (export "memory") 1)
  (data (i32.const 0) "director.out")
  (data (i32.const 128) "spawn")
  (data (i32.const 136) "stop")
  (data (i32.const 144) "watch")
  (data (i32.const 152) "as")
  (data (i32.const 160) "to")
  (data (i32.const 168) "attr")
  (data (i32.const 176) "now")
  (data (i32.const 184) "random")
  (data (i32.const 192) "log")
  (data (i32.const 200) "health")
  (global $out i32 (i32.const 512))
  (global $out_capacity i32 (i32.const 512))
  (global $data i32 (i32.const 1024))
  (global $data_capacity i32 (i32.const 32768))
  (global $end (mut i32) (i32.const 0))

  (func $mesh_handle (export "mesh_handle") (param $event_size i32) (result i32)
    (global.set $end
      (i32.add (global.get $data) (call $event_read (global.get $data) (i32.const 0) (global.get $data_capacity))))
    (if (call $verb_is (i32.const 128) (i32.const 5))
      (then
        (call $spawn (call $word (i32.const 1)) (call $word (i32.const 2)) (call $rest (i32.const 3)))
        (return (i32.const 0))))
    (if (call $verb_is (i32.const 136) (i32.const 4))
      (then (call $stop (call $word (i32.const 1))) (return (i32.const 0))))
    (if (call $verb_is (i32.const 144) (i32.const 5))
      (then (call $watch (call $word (i32.const 1))) (return (i32.const 0))))
    (if (call $verb_is (i32.const 152) (i32.const 2))
      (then
        (call $publish_as (call $word (i32.const 1)) (call $word (i32.const 2)) (call $word (i32.const 3)) (call $rest (i32.const 4)))
        (return (i32.const 0))))
    (if (call $verb_is (i32.const 160) (i32.const 2))
      (then (call $publish (call $word (i32.const 1)) (call $rest (i32.const 2))) (return (i32.const 0))))
    (if (call $verb_is (i32.const 168) (i32.const 4))
      (then
        (call $publish_out (call $event_attr (call $digit (i32.const 1)) (global.get $out) (global.get $out_capacity)))
        (return (i32.const 0))))
    (if (call $verb_is (i32.const 176) (i32.const 3))
      (then (i64.store (global.get $out) (call $now)) (call $publish_out (i32.const 8)) (return (i32.const 0))))
    (if (call $verb_is (i32.const 184) (i32.const 6))
      (then
        (call $random (global.get $out) (call $digit (i32.const 1)))
        (call $publish_out (call $digit (i32.const 1)))
        (return (i32.const 0))))
    (if (call $verb_is (i32.const 192) (i32.const 3))
      (then (call $log (call $digit (i32.const 1)) (call $rest (i32.const 2))) (return (i32.const 0))))
    (if (call $verb_is (i32.const 200) (i32.const 6))
      (then (call $health (call $digit (i32.const 1)) (call $rest (i32.const 2))) (return (i32.const 0))))
    (i32.const 1))

  (func $publish_out (param $len i32)
    (call $publish (i32.const 0) (i32.const 12) (global.get $out) (local.get $len)))

  ;; Place and length of everything from word number `index` on.
  (func $rest (param $index i32) (result i32 i32)
    (local $at i32)
    (local.set $at (global.get $data))
    (block $done
      (loop $next_word
        (br_if $done (i32.eqz (local.get $index)))
        (local.set $at (call $space_after (local.get $at)))
        (br_if $done (i32.eq (local.get $at) (global.get $end)))
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (local.set $index (i32.sub (local.get $index) (i32.const 1)))
        (br $next_word)))
    (local.get $at)
    (i32.sub (global.get $end) (local.get $at)))

  ;; Place and length of word number `index`; the verb is number 0.
  (func $word (param $index i32) (result i32 i32)
    (local $at i32)
    (call $rest (local.get $index))
    drop
    (local.set $at)
    (local.get $at)
    (i32.sub (call $space_after (local.get $at)) (local.get $at)))

  (func $space_after (param $at i32) (result i32)
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $at) (global.get $end)))
        (br_if $done (i32.eq (i32.load8_u (local.get $at)) (i32.const 32)))
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (br $next)))
    (local.get $at))

  (func $digit (param $index i32) (result i32)
    (call $word (local.get $index))
    drop
    (i32.sub (i32.load8_u) (i32.const 48)))

  (func $verb_is (param $verb i32) (param $verb_len i32) (result i32)
    (local $at i32)
    (local $len i32)
    (call $word (i32.const 0))
    (local.set $len)
    (local.set $at)
    (if (i32.ne (local.get $len) (local.get $verb_len)) (then (return (i32.const 0))))
    (loop $next
      (if (i32.ne (i32.load8_u (local.get $at)) (i32.load8_u (local.get $verb))) (then (return (i32.const 0))))
      (local.set $at (i32.add (local.get $at) (i32.const 1)))
      (local.set $verb (i32.add (local.get $verb) (i32.const 1)))
      (local.set $len (i32.sub (local.get $len) (i32.const 1)))
      (br_if $next (local.get $len)))
    (i32.const 1)))
