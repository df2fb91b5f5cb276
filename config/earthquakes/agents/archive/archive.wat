;; Keeps the data of every event it is given, byte for byte, above the 4 GiB line, where only 64-bit pointers reach.
;;
;; Memory 0, `memory`, is 64-bit and is what the mesh saves of this agent:
;;
;;   0x0_0000_0000  texts
;;   0x0_0001_0000  the window: one page, the only place that mesh_v1.event_read is asked to write to
;;   0x0_0010_0000  the index: for each record its address, 8 bytes; it ends at the line
;;   0x1_0000_0000  the records: length (8 bytes), FNV-1a hash of the data (8 bytes), the data, zeros up to a multiple of 8
;;
;; The mesh copies data into memory 0 only, since it knows no other. But what a turn needs for itself should not lie there:
;; every page that is written is saved. So an event passes through the window, which is one page whatever the event's size,
;; and the record is put together in memory 1, `scratch`, which the host zeroes before each turn and never saves. A record that
;; is complete is copied above the line in one piece. Memory 1 is 32-bit: no record needs more.
;;
;; Memory is sparse: what was never written between the index and the line costs address space only.
(module $archive
  (import "mesh_v1" "event_read" (func $event_read (param i64 i64 i64) (result i64)))
  (import "mesh_v1" "fail" (func $fail (param i64 i64)))

  ;; One page more than what lies below the line.
  (memory $kept (export "memory") i64 65537)
  (memory $scratch (export "scratch") 1)

  (global $page_bytes i64 (i64.const 0x1_0000))
  (global $window i64 (i64.const 0x1_0000))
  (global $index i64 (i64.const 0x10_0000))
  (global $line i64 (i64.const 0x1_0000_0000))
  (global $header_bytes i64 (i64.const 16))
  ;; The largest event that is kept, so that its record fits in memory 1.
  (global $max_event_bytes i64 (i64.const 0x4000_0000))
  ;; Memory 0 grows by at least this much, 1 MiB, so that it does not grow for every few events.
  (global $min_growth_pages i64 (i64.const 16))

  (global $records (mut i64) (i64.const 0))
  (global $data_bytes (mut i64) (i64.const 0))
  ;; Where the next record goes.
  (global $end (mut i64) (i64.const 0x1_0000_0000))

  (data (memory $kept) (i64.const 0) "the event is larger than 1 GiB, the most that the archive keeps of one")
  (data (memory $kept) (i64.const 128) "the archive is full: its memory cannot grow any more")
  (data (memory $kept) (i64.const 256) "the archive is full: its index has no room for another record")

  (func $mesh_handle (export "mesh_handle") (param $event_size i64) (result i32)
    (local $record_bytes i64)
    (if (i64.gt_u (local.get $event_size) (global.get $max_event_bytes)) (then (call $fail (i64.const 0) (i64.const 70))))
    (local.set $record_bytes
      (i64.and (i64.add (i64.add (global.get $header_bytes) (local.get $event_size)) (i64.const 7)) (i64.const -8)))
    (call $make_room_in_scratch (local.get $record_bytes))
    (call $make_room_above_the_line (local.get $record_bytes))
    (call $read_event_into_scratch (local.get $event_size))
    (i64.store $scratch (i32.const 0) (local.get $event_size))
    (i64.store $scratch (i32.const 8) (call $hash_of_scratch (local.get $event_size)))
    (call $append_record (local.get $record_bytes))
    (global.set $data_bytes (i64.add (global.get $data_bytes) (local.get $event_size)))
    (i32.const 0))

  (func $make_room_in_scratch (param $bytes i64)
    (local $missing i64)
    (local.set $missing (i64.sub (call $pages (local.get $bytes)) (i64.extend_i32_u (memory.size $scratch))))
    (if (i64.le_s (local.get $missing) (i64.const 0)) (then (return)))
    (if (i32.eq (memory.grow $scratch (i32.wrap_i64 (local.get $missing))) (i32.const -1)) (then (call $fail_as_full))))

  (func $make_room_above_the_line (param $bytes i64)
    (local $missing i64)
    (if (i64.gt_u (i64.add (call $index_end) (i64.const 8)) (global.get $line))
      (then (call $fail (i64.const 256) (i64.const 61))))
    (local.set $missing (i64.sub (call $pages (i64.add (global.get $end) (local.get $bytes))) (memory.size $kept)))
    (if (i64.le_s (local.get $missing) (i64.const 0)) (then (return)))
    (if (i64.lt_u (local.get $missing) (global.get $min_growth_pages)) (then (local.set $missing (global.get $min_growth_pages))))
    (if (i64.eq (memory.grow $kept (local.get $missing)) (i64.const -1)) (then (call $fail_as_full))))

  (func $fail_as_full
    (call $fail (i64.const 128) (i64.const 52)))

  (func $pages (param $bytes i64) (result i64)
    (i64.div_u (i64.add (local.get $bytes) (i64.sub (global.get $page_bytes) (i64.const 1))) (global.get $page_bytes)))

  (func $index_end (result i64)
    (i64.add (global.get $index) (i64.mul (global.get $records) (i64.const 8))))

  ;; Fetches the data window by window and puts it together behind the header.
  (func $read_event_into_scratch (param $event_size i64)
    (local $done i64)
    (local $read i64)
    (block $end
      (loop $next
        (br_if $end (i64.ge_u (local.get $done) (local.get $event_size)))
        (local.set $read (call $event_read (global.get $window) (local.get $done) (global.get $page_bytes)))
        ;; The host gives all of the data or none of it is kept.
        (if (i64.eqz (local.get $read)) (then unreachable))
        (memory.copy $scratch $kept
          (i32.wrap_i64 (i64.add (global.get $header_bytes) (local.get $done)))
          (global.get $window)
          (i32.wrap_i64 (local.get $read)))
        (local.set $done (i64.add (local.get $done) (local.get $read)))
        (br $next))))

  ;; FNV-1a, 64 bits.
  (func $hash_of_scratch (param $event_size i64) (result i64)
    (local $hash i64)
    (local $at i32)
    (local $end i32)
    (local.set $hash (i64.const 0xcbf29ce484222325))
    (local.set $at (i32.wrap_i64 (global.get $header_bytes)))
    (local.set $end (i32.add (local.get $at) (i32.wrap_i64 (local.get $event_size))))
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $at) (local.get $end)))
        (local.set $hash
          (i64.mul (i64.xor (local.get $hash) (i64.load8_u $scratch (local.get $at))) (i64.const 0x100000001b3)))
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (br $next)))
    (local.get $hash))

  (func $append_record (param $bytes i64)
    (memory.copy $kept $scratch (global.get $end) (i32.const 0) (i32.wrap_i64 (local.get $bytes)))
    (i64.store $kept (call $index_end) (global.get $end))
    (global.set $end (i64.add (global.get $end) (local.get $bytes)))
    (global.set $records (i64.add (global.get $records) (i64.const 1)))))
