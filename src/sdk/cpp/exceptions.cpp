/*
 * C++ exceptions for agents: what `throw` and `catch` call, on the exception instructions of WebAssembly 3.0.
 *
 * The libc++abi for WASI that distributions ship is built without exceptions, so this part of it is missing there. This file
 * fills it: link it, and compile everything with
 *
 *   clang++-22 --target=wasm32-wasip1 -fwasm-exceptions -mllvm -wasm-use-legacy-eh=false
 *
 * An exception that leaves mesh_handle ends the turn as failed (uncaught-exception). Code inside the shipped libc++.a cannot
 * throw: what goes wrong there (std::stod on text that is no number) ends the turn with a trap, as does std::terminate. What is
 * instantiated from headers (std::vector::at) throws. Exception specifications with types are not served.
 *
 * Interfaces: Itanium C++ ABI, Level II (https://itanium-cxx-abi.github.io/cxx-abi/abi-eh.html), and the landing pads of LLVM
 * for WebAssembly, which leave their number and tables in __wasm_lpad_context and ask _Unwind_CallPersonality for a selector.
 */
#include <cstdarg>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <typeinfo>

/* The tag of all C++ exceptions: it carries the pointer. */
__asm__(".globl __cpp_exception\n"
        ".tagtype __cpp_exception i32\n"
        "__cpp_exception:\n");

namespace {

/* Catch clauses ask the type information of their type. This is its table of virtual functions in libc++abi. */
class catchable_type : public std::type_info {
  public:
    ~catchable_type() override;
    virtual void unused1() const;
    virtual void unused2() const;
    /* Whether a handler of this type takes `thrown`; `object` becomes the subobject that it takes. */
    virtual bool can_catch(const catchable_type *thrown, void *&object) const = 0;
};

/* In WebAssembly a destructor answers the object that it destroyed. */
using destructor = void *(void *);

/* Precedes the object that was thrown. A pointer to the object itself is what travels with the Wasm exception. */
struct alignas(16) exception_header {
    const catchable_type *type;
    destructor *destroy;
    /* What the handler that was chosen gets: the object, or a base of it. */
    void *caught_as;
    /* The exception that was being handled when this one was caught. */
    exception_header *outer;
    /* Handlers that have begun and not ended; negative while it is thrown again. */
    int handlers;
    /* Who keeps it: its throwing or handling, and each std::exception_ptr. */
    int references;

    void *object() { return this + 1; }
};

exception_header *header_of(void *object) { return static_cast<exception_header *>(object) - 1; }

/* Those being handled, the innermost first, and how many are on their way to a handler. */
exception_header *handled;
unsigned on_their_way;

constexpr int cpp_exception_tag = 0;

[[noreturn]] void raise(exception_header *header) {
    on_their_way++;
    __builtin_wasm_throw(cpp_exception_tag, header->object());
}

/* Reads the numbers of the tables that the compiler lays beside a function (DWARF's LEB128). */
class table_reader {
  public:
    explicit table_reader(const uint8_t *position) : position_(position) {}

    const uint8_t *position() const { return position_; }

    uint8_t byte() { return *position_++; }

    uint32_t unsigned_number() {
        unsigned ignored;
        return raw(ignored);
    }

    int32_t signed_number() {
        unsigned bits;
        uint32_t value = raw(bits);
        bool is_negative = bits < 32 && (value >> (bits - 1) & 1);
        return static_cast<int32_t>(is_negative ? value | ~0u << bits : value);
    }

  private:
    uint32_t raw(unsigned &bits) {
        uint32_t value = 0;
        uint8_t next;
        bits = 0;
        do {
            next = byte();
            value |= static_cast<uint32_t>(next & 0x7f) << bits;
            bits += 7;
        } while (next & 0x80);
        return value;
    }

    const uint8_t *position_;
};

/* The tables of one function: which actions a landing pad begins with, and the types that its handlers name. */
class function_tables {
  public:
    explicit function_tables(const uint8_t *data) {
        constexpr uint8_t omitted = 0xff, absolute_pointer = 0x00, leb128 = 0x01;
        table_reader reader(data);
        if (reader.byte() != omitted || reader.byte() != absolute_pointer) {
            abort();
        }
        uint32_t to_types = reader.unsigned_number();
        types_ = reinterpret_cast<const catchable_type *const *>(reader.position() + to_types);
        if (reader.byte() != leb128) {
            abort();
        }
        uint32_t pads_bytes = reader.unsigned_number();
        pads_ = reader.position();
        actions_ = pads_ + pads_bytes;
    }

    /* The number of the first handler of a landing pad that takes the exception, counted from 1; 0 if there is none. */
    int handler_for(uint32_t pad, exception_header *header) const {
        table_reader reader(pads_);
        uint32_t first_action = 0;
        for (uint32_t i = 0; i <= pad; i++) {
            reader.unsigned_number();
            first_action = reader.unsigned_number();
        }
        const uint8_t *action = first_action == 0 ? nullptr : actions_ + first_action - 1;
        while (action != nullptr) {
            table_reader record(action);
            int32_t handler = record.signed_number();
            const uint8_t *next_from = record.position();
            int32_t to_next = record.signed_number();
            if (handler < 0) {
                abort();
            }
            if (handler > 0 && takes(handler, header)) {
                return handler;
            }
            action = to_next == 0 ? nullptr : next_from + to_next;
        }
        return 0;
    }

  private:
    bool takes(int32_t handler, exception_header *header) const {
        const catchable_type *type = types_[-handler];
        void *object = header->object();
        if (type != nullptr && !type->can_catch(header->type, object)) {
            return false;
        }
        header->caught_as = object;
        return true;
    }

    const catchable_type *const *types_;
    const uint8_t *pads_;
    const uint8_t *actions_;
};

void release(exception_header *header) {
    if (--header->references > 0) {
        return;
    }
    if (header->destroy != nullptr) {
        header->destroy(header->object());
    }
    free(header);
}

}  // namespace

extern "C" {

/* Filled by a landing pad before it asks, and by the answer. */
struct landing_pad_context {
    uint32_t pad;
    const uint8_t *tables;
    int selector;
};
landing_pad_context __wasm_lpad_context;

int _Unwind_CallPersonality(void *object) {
    landing_pad_context &context = __wasm_lpad_context;
    context.selector = function_tables(context.tables).handler_for(context.pad, header_of(object));
    return 0;
}

void *__cxa_allocate_exception(size_t size) noexcept {
    void *room = calloc(1, sizeof(exception_header) + size);
    if (room == nullptr) {
        abort();
    }
    return static_cast<exception_header *>(room)->object();
}

void __cxa_free_exception(void *object) noexcept { free(header_of(object)); }

[[noreturn]] void __cxa_throw(void *object, std::type_info *type, destructor *destroy) {
    exception_header *header = header_of(object);
    header->type = static_cast<const catchable_type *>(type);
    header->destroy = destroy;
    header->caught_as = object;
    header->references = 1;
    raise(header);
}

void *__cxa_get_exception_ptr(void *object) noexcept { return header_of(object)->caught_as; }

void *__cxa_begin_catch(void *object) noexcept {
    exception_header *header = header_of(object);
    header->handlers = (header->handlers < 0 ? -header->handlers : header->handlers) + 1;
    if (header != handled) {
        header->outer = handled;
        handled = header;
    }
    on_their_way--;
    return header->caught_as;
}

void __cxa_end_catch() {
    exception_header *header = handled;
    bool is_thrown_again = header->handlers < 0;
    header->handlers += is_thrown_again ? 1 : -1;
    if (header->handlers != 0) {
        return;
    }
    handled = header->outer;
    if (!is_thrown_again) {
        release(header);
    }
}

[[noreturn]] void __cxa_rethrow() {
    if (handled == nullptr) {
        abort();
    }
    handled->handlers = -handled->handlers;
    handled->caught_as = handled->object();
    raise(handled);
}

bool __cxa_uncaught_exception() noexcept { return on_their_way > 0; }

unsigned __cxa_uncaught_exceptions() noexcept { return on_their_way; }

/* What std::exception_ptr stands on. */

void __cxa_increment_exception_refcount(void *object) noexcept {
    if (object != nullptr) {
        header_of(object)->references++;
    }
}

void __cxa_decrement_exception_refcount(void *object) noexcept {
    if (object != nullptr) {
        release(header_of(object));
    }
}

void *__cxa_current_primary_exception() noexcept {
    if (handled == nullptr) {
        return nullptr;
    }
    handled->references++;
    return handled->object();
}

/* An exception that is being handled further out cannot begin another way while it is. */
void __cxa_rethrow_primary_exception(void *object) {
    if (object == nullptr) {
        return;
    }
    exception_header *header = header_of(object);
    if (header == handled) {
        __cxa_rethrow();
    }
    if (header->handlers != 0) {
        abort();
    }
    header->references++;
    header->caught_as = object;
    raise(header);
}

/* Where the library would print why it gives up: the trap and its back-trace say it here. */
[[noreturn]] void abort_message(const char *, ...) { abort(); }

}  // extern "C"

namespace std {

inline namespace __2 {
[[noreturn]] void __libcpp_verbose_abort(const char *, ...) { abort(); }
}  // namespace __2

}  // namespace std
