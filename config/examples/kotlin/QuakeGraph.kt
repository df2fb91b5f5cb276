import kotlin.math.PI
import kotlin.math.cos
import kotlin.math.floor
import kotlin.math.sqrt

private const val KM_PER_DEGREE = 111.2

/** Where something is, in degrees. Quakes at the same place share one. */
data class Place(val longitude: Double, val latitude: Double) {
    /** Kilometres between two places that are not far from each other, as on a plane. */
    fun distanceTo(other: Place): Double {
        val x = (longitude - other.longitude) * cos((latitude + other.latitude) / 2 * PI / 180)
        val y = latitude - other.latitude
        return sqrt(x * x + y * y) * KM_PER_DEGREE
    }
}

/** An earthquake: it knows its region, its cluster, and the quakes near it, which know it. */
class Quake(val id: String, val magnitude: Double, val place: Place, val region: Region) {
    val near = ArrayList<Quake>()
    var cluster = Cluster(this)
}

/** Quakes that can be reached from one another by going from near to near. They share it. */
class Cluster(first: Quake) {
    val quakes = arrayListOf(first)
}

/** A region: it knows its quakes, the strongest of them, and the regions beside it, which know it. */
class Region(val name: String) {
    val quakes = ArrayList<Quake>()
    val neighbours = LinkedHashSet<Region>()
    var strongest: Quake? = null
}

/** All that the agent knows: regions, quakes and clusters that refer to each other, in circles. */
class QuakeGraph(private val nearKm: Double) {
    private val regions = LinkedHashMap<String, Region>()
    private val places = HashMap<Place, Place>()

    /** Quakes by bands of latitude, as wide as what is near: only three need to be looked at. */
    private val bands = HashMap<Int, ArrayList<Quake>>()
    private val bandDegrees = nearKm / KM_PER_DEGREE

    /** Takes a quake in and ties it to those near it. Answers it. */
    fun add(id: String, magnitude: Double, longitude: Double, latitude: Double, regionName: String): Quake {
        val region = regions.getOrPut(regionName) { Region(regionName) }
        val place = Place(longitude, latitude).let { places.getOrPut(it) { it } }
        val quake = Quake(id, magnitude, place, region)
        val band = bandOf(place)
        for (near in band - 1..band + 1) {
            bands[near]?.forEach { if (it.place.distanceTo(place) <= nearKm) connect(quake, it) }
        }
        bands.getOrPut(band) { ArrayList() }.add(quake)
        region.quakes.add(quake)
        if (magnitude > (region.strongest?.magnitude ?: Double.NEGATIVE_INFINITY)) region.strongest = quake
        return quake
    }

    /** A region by its name; null if it had no quake. */
    fun region(name: String): Region? = regions[name]

    private fun bandOf(place: Place): Int = floor(place.latitude / bandDegrees).toInt()

    private fun connect(one: Quake, other: Quake) {
        one.near.add(other)
        other.near.add(one)
        if (one.region !== other.region) {
            one.region.neighbours.add(other.region)
            other.region.neighbours.add(one.region)
        }
        if (one.cluster !== other.cluster) merge(one.cluster, other.cluster)
    }

    private fun merge(one: Cluster, other: Cluster) {
        val (smaller, larger) = if (one.quakes.size < other.quakes.size) one to other else other to one
        for (quake in smaller.quakes) quake.cluster = larger
        larger.quakes.addAll(smaller.quakes)
    }
}
