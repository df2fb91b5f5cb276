/*
 * How an agent in C++ begins: its static constructors run in turn 0, then what it defines as MESH_INIT. To be linked into every
 * agent in C++. (Without it the linker would take each export for a program of its own, and construct and destroy everything
 * static around every event.)
 */
#include "mesh_v1.h"

extern "C" {
/* Made by the linker. */
void __wasm_call_ctors();
/* An agent without MESH_INIT has nothing to do there. */
__attribute__((weak)) int32_t mesh_agent_init() { return 0; }
}

extern "C" __attribute__((export_name("mesh_init"))) int32_t mesh_init() {
    __wasm_call_ctors();
    return mesh_agent_init();
}
