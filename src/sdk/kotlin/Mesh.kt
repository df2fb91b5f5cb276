@file:OptIn(UnsafeWasmMemoryApi::class, ExperimentalWasmInterop::class)

package akkawasm

import kotlin.wasm.ExperimentalWasmInterop
import kotlin.wasm.WasmImport
import kotlin.wasm.unsafe.MemoryAllocator
import kotlin.wasm.unsafe.Pointer
import kotlin.wasm.unsafe.UnsafeWasmMemoryApi
import kotlin.wasm.unsafe.withScopedMemoryAllocator

/** The attributes of an event: those of CloudEvents and the mesh's own. */
enum class Attribute(internal val number: Int) {
    ID(0),
    SOURCE(1),

    /** The event's type, which in the mesh is its topic. */
    TOPIC(2),
    SUBJECT(3),

    /** The producer's own time, RFC 3339; [Mesh.nowNs] is the mesh's. */
    TIME(4),
    DATA_CONTENT_TYPE(5),

    /** The W3C trace context. */
    TRACE_PARENT(6),

    /** What [Mesh.request] or [Mesh.integrate] answered, if this event is the answer to that. */
    CORRELATION(7),

    /** The offset of the event's position in the log, in decimal. */
    POSITION(8),
}

/** Levels of [Mesh.health]; their order is their number. */
enum class Health { WELL, DEGRADED, OVERLOADED }

/** Levels of [Mesh.log]; their order is their number. */
enum class Level { TRACE, DEBUG, INFO, WARN, ERROR }

/** Ends the turn as failed, if it leaves `mesh_handle`; the sentence is for whoever looks at the quarantined event. */
class TurnFailedException(sentence: String) : RuntimeException(sentence)

/**
 * What an agent in Kotlin does with the mesh. An agent exports `mesh_handle` (and `mesh_init`, if it wants to) as
 *
 *     @WasmExport("mesh_handle")
 *     fun meshHandle(eventSize: Int): Int = Mesh.turn { … }
 *
 * Linear memory is used only to pass data to the mesh and back, within one call; what the agent keeps are its objects.
 */
object Mesh {
    /** Runs the body of a turn. Whatever it throws ends the turn as failed, with the message of the exception. Answers 0. */
    inline fun turn(body: () -> Unit): Int {
        try {
            body()
        } catch (failure: Throwable) {
            fail(failure.message ?: failure.toString())
        }
        return 0
    }

    /** The data of this turn's event. [size] is what `mesh_handle` was given, in bytes. */
    fun eventBytes(size: Int): ByteArray = withScopedMemoryAllocator { memory ->
        val data = memory.allocate(size)
        data.read(eventRead(data.address.toInt(), 0, size))
    }

    /** The data of this turn's event as text; what is not UTF-8 becomes U+FFFD. */
    fun eventText(size: Int): String = eventBytes(size).decodeToString()

    /** An attribute of this turn's event; null if it has none. */
    fun attribute(attribute: Attribute): String? = withScopedMemoryAllocator { memory ->
        val length = eventAttr(attribute.number, 0, 0)
        val text = memory.allocate(length)
        eventAttr(attribute.number, text.address.toInt(), length)
        if (length == 0) null else text.read(length).decodeToString()
    }

    /** The config that the topology gives this agent; empty if it gives none. */
    fun configText(): String = withScopedMemoryAllocator { memory ->
        val length = configSize()
        val text = memory.allocate(length)
        text.read(configRead(text.address.toInt(), 0, length)).decodeToString()
    }

    /** Publishes text on a topic that the agent may publish to; a subject or content type that is empty is left out. */
    fun publish(topic: String, data: String, subject: String = "", contentType: String = "") =
        publish(topic, data.encodeToByteArray(), subject, contentType)

    /** Publishes bytes. */
    fun publish(topic: String, data: ByteArray, subject: String = "", contentType: String = "") = withScopedMemoryAllocator { memory ->
        val (name, about, type, content) = listOf(memory.write(topic), memory.write(subject), memory.write(contentType), memory.write(data))
        publishAs(name.at, name.length, about.at, about.length, type.at, type.length, content.at, content.length)
    }

    /** Sends to one agent, on its private topic. */
    fun send(agent: String, data: ByteArray) = withScopedMemoryAllocator { memory ->
        val (name, content) = listOf(memory.write(agent), memory.write(data))
        send(name.at, name.length, content.at, content.length)
    }

    /** Answers the event of this turn: to the requester if it was a request, else to the agent that emitted it. */
    fun reply(data: ByteArray) = withScopedMemoryAllocator { memory ->
        val content = memory.write(data)
        reply(content.at, content.length)
    }

    /** Publishes a request. The answer, or word that none came in [timeoutMs] milliseconds, is a later event with the correlation that this answers. */
    fun request(topic: String, data: ByteArray, timeoutMs: Long): Long = withScopedMemoryAllocator { memory ->
        val (name, content) = listOf(memory.write(topic), memory.write(data))
        request(name.at, name.length, content.at, content.length, timeoutMs)
    }

    /** Has an event published on [topic] in [delayMs] milliseconds. Answers the timer. */
    fun schedule(delayMs: Long, topic: String, data: ByteArray): Long = withScopedMemoryAllocator { memory ->
        val (name, content) = listOf(memory.write(topic), memory.write(data))
        schedule(delayMs, name.at, name.length, content.at, content.length)
    }

    /** Takes a timer back, even one that fired but was not handled yet; without effect on one that is gone. */
    fun cancel(timer: Long) = cancelTimer(timer)

    /** Starts an agent of a family, by its full name, as `monitors/alaska`. */
    fun spawn(name: String) = withScopedMemoryAllocator { memory ->
        val text = memory.write(name)
        spawn(text.at, text.length, 0, 0, 0, 0)
    }

    /** Stops an agent that this one started. */
    fun stop(name: String) = withScopedMemoryAllocator { memory ->
        val text = memory.write(name)
        stop(text.at, text.length)
    }

    /** Asks for an event when that agent stops. */
    fun watch(name: String) = withScopedMemoryAllocator { memory ->
        val text = memory.write(name)
        watch(text.at, text.length)
    }

    /** When the event of this turn was appended to the log: nanoseconds since the Unix epoch, the same for the whole turn. */
    val nowNs: Long get() = now()

    /** [length] random bytes, seeded by the agent, its incarnation and the event's position: the same in every replay. */
    fun random(length: Int): ByteArray = withScopedMemoryAllocator { memory ->
        val bytes = memory.allocate(length)
        random(bytes.address.toInt(), length)
        bytes.read(length)
    }

    /** Writes a line to the service's log, with the agent's name. */
    fun log(level: Level, line: String) = withScopedMemoryAllocator { memory ->
        val text = memory.write(line)
        log(level.ordinal, text.at, text.length)
    }

    /**
     * Asks for a change of the topology, in JSON (see src/AkkaWasm.Actors/INTEGRATE.md). The answer (applied, planned, unchanged, stale or refused, in JSON) is a
     * later event with the correlation that this answers. Needs the capability to integrate.
     */
    fun integrate(change: String): Long = withScopedMemoryAllocator { memory ->
        val text = memory.write(change)
        integrate(text.at, text.length)
    }

    /** Says how the agent is, and why. */
    fun health(level: Health, sentence: String) = withScopedMemoryAllocator { memory ->
        val text = memory.write(sentence)
        health(level.ordinal, text.at, text.length)
    }

    /** Ends the turn as failed. */
    fun fail(sentence: String): Nothing {
        withScopedMemoryAllocator { memory ->
            val text = memory.write(sentence)
            fail(text.at, text.length)
        }
        error("mesh_v1.fail came back")
    }
}

/** Bytes in linear memory. */
private class Block(val at: Int, val length: Int)

private fun MemoryAllocator.write(text: String): Block = write(text.encodeToByteArray())

private fun MemoryAllocator.write(bytes: ByteArray): Block {
    val start = allocate(bytes.size)
    for (i in bytes.indices) (start + i).storeByte(bytes[i])
    return Block(start.address.toInt(), bytes.size)
}

private fun Pointer.read(length: Int): ByteArray = ByteArray(length) { (this + it).loadByte() }

@WasmImport("mesh_v1", "event_read")
private external fun eventRead(dst: Int, offset: Int, len: Int): Int

@WasmImport("mesh_v1", "event_attr")
private external fun eventAttr(attribute: Int, dst: Int, cap: Int): Int

@WasmImport("mesh_v1", "config_size")
private external fun configSize(): Int

@WasmImport("mesh_v1", "config_read")
private external fun configRead(dst: Int, offset: Int, len: Int): Int

@WasmImport("mesh_v1", "publish_as")
private external fun publishAs(topic: Int, topicLen: Int, subject: Int, subjectLen: Int, contentType: Int, contentTypeLen: Int, data: Int, dataLen: Int)

@WasmImport("mesh_v1", "send")
private external fun send(agent: Int, agentLen: Int, data: Int, dataLen: Int)

@WasmImport("mesh_v1", "reply")
private external fun reply(data: Int, dataLen: Int)

@WasmImport("mesh_v1", "request")
private external fun request(topic: Int, topicLen: Int, data: Int, dataLen: Int, timeoutMs: Long): Long

@WasmImport("mesh_v1", "schedule")
private external fun schedule(delayMs: Long, topic: Int, topicLen: Int, data: Int, dataLen: Int): Long

@WasmImport("mesh_v1", "cancel")
private external fun cancelTimer(timer: Long)

@WasmImport("mesh_v1", "spawn")
private external fun spawn(name: Int, nameLen: Int, module: Int, moduleLen: Int, config: Int, configLen: Int)

@WasmImport("mesh_v1", "stop")
private external fun stop(name: Int, nameLen: Int)

@WasmImport("mesh_v1", "watch")
private external fun watch(name: Int, nameLen: Int)

@WasmImport("mesh_v1", "now")
private external fun now(): Long

@WasmImport("mesh_v1", "random")
private external fun random(dst: Int, len: Int)

@WasmImport("mesh_v1", "log")
private external fun log(level: Int, text: Int, len: Int)

@WasmImport("mesh_v1", "integrate")
private external fun integrate(change: Int, len: Int): Long

@WasmImport("mesh_v1", "health")
private external fun health(level: Int, text: Int, len: Int)

@WasmImport("mesh_v1", "fail")
private external fun fail(text: Int, len: Int)
