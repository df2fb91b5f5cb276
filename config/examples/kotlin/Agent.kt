import akkawasm.Attribute
import akkawasm.Json
import akkawasm.Mesh
import akkawasm.TurnFailedException
import kotlin.wasm.ExperimentalWasmInterop
import kotlin.wasm.WasmExport

// Keeps the week's earthquakes as a graph of objects, tells on `quakes.cluster` of each that makes a cluster grow to a multiple of
// ten, and answers questions: {"region": "alaska"} on `quakes.query` is answered on `quakes.answer`.

private const val NEAR_KM = 20.0
private const val CLUSTER_STEP = 10
private const val QUERY = "quakes.query"

private val graph = QuakeGraph(NEAR_KM)

@OptIn(ExperimentalWasmInterop::class)
@WasmExport("mesh_handle")
fun meshHandle(eventSize: Int): Int = Mesh.turn {
    val data = Json.parse(Mesh.eventText(eventSize)) as? Map<*, *> ?: throw TurnFailedException("The event's data is not an object.")
    if (Mesh.attribute(Attribute.TOPIC) == QUERY) answer(data) else learn(data)
}

private fun learn(feature: Map<*, *>) {
    val properties = feature.member<Map<*, *>>("properties")
    val magnitude = properties["mag"] as? Double
    if (properties["type"] != "earthquake" || magnitude == null) return
    val (longitude, latitude) = feature.member<Map<*, *>>("geometry").member<List<*>>("coordinates").map { it as? Double ?: 0.0 }
    val quake = graph.add(feature.member("id"), magnitude, longitude, latitude, regionOf(properties["place"] as? String ?: ""))
    val cluster = quake.cluster.quakes
    if (cluster.size % CLUSTER_STEP != 0) return
    publish("quakes.cluster", mapOf(
        "size" to cluster.size,
        "regions" to cluster.map { it.region.name }.distinct(),
        "strongest" to cluster.maxBy { it.magnitude }.id,
        "last" to quake.id,
    ))
}

private fun answer(query: Map<*, *>) {
    val name = query.member<String>("region")
    val region = graph.region(name) ?: return publish("quakes.answer", mapOf("region" to name, "quakes" to 0))
    publish("quakes.answer", mapOf(
        "region" to name,
        "quakes" to region.quakes.size,
        "strongest" to region.strongest?.id,
        "largest_cluster" to region.quakes.maxOf { it.cluster.quakes.size },
        "neighbours" to region.neighbours.map { it.name },
    ))
}

private fun publish(topic: String, value: Map<String, Any?>) = Mesh.publish(topic, Json.write(value), contentType = "application/json")

/** The end of a place such as "4km W of Castaic, CA", in small letters: "ca". */
private fun regionOf(place: String): String =
    place.substringAfterLast(',').lowercase().map { if (it in 'a'..'z' || it in '0'..'9') it else ' ' }.joinToString("").trim().replace(' ', '-')
        .ifEmpty { "unknown" }

/** A member that has to be there and of that type. */
private inline fun <reified T> Map<*, *>.member(name: String): T =
    this[name] as? T ?: throw TurnFailedException("The member '$name' is missing, or is no ${T::class.simpleName}.")
