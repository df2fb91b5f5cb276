import akkawasm.Mesh
import kotlin.wasm.ExperimentalWasmInterop
import kotlin.wasm.WasmExport

// Makes garbage that no reference count frees: for each event a crowd of people who all know each other by way of a ring, a registry that
// refers back to its owner, and a chain of closures that call each other. The last few crowds are kept, so that the live part changes all
// the time and stays the same in size. Publishes on `soak.count` after every thousand events how many people it has seen and still knows.

private const val CROWD = 60
private const val KEPT = 50
private const val REPORT_EVERY = 1000

private class Person(val name: String, val crowd: Crowd) {
    var next: Person = this
    val friends = mutableListOf<Person>()
    val greet: () -> String = { "$name greets ${next.name}" }
}

private class Crowd(val number: Int) {
    val people = HashMap<String, Person>()

    init {
        val ring = List(CROWD) { Person("person $it of crowd $number", this) }
        ring.forEachIndexed { i, person ->
            person.next = ring[(i + 1) % CROWD]
            person.friends += ring[(i * 7 + 3) % CROWD]
            people[person.name] = person
        }
    }
}

private val kept = ArrayDeque<Crowd>()
private var events = 0

@OptIn(ExperimentalWasmInterop::class)
@WasmExport("mesh_handle")
fun meshHandle(eventSize: Int): Int = Mesh.turn {
    val crowd = Crowd(events++)
    kept.addLast(crowd)
    if (kept.size > KEPT) kept.removeFirst()
    check(crowd.people.values.all { it.next.crowd === crowd && it.greet().startsWith(it.name) }) { "A crowd of $CROWD is not whole." }
    if (events % REPORT_EVERY == 0) Mesh.publish("soak.count", "$events of $eventSize bytes, ${kept.sumOf { it.people.size }} people")
}
