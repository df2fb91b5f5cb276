# Watches how deep the earth quakes, region by region, in plain Ruby objects, and tells on `quakes.depth.<region>` of each earthquake
# that is far deeper or shallower than its region has shown so far. What it knows lives in the heap of the interpreter.

Quake = Struct.new(:id, :magnitude, :depth, :time)

# A region's earthquakes, and the running mean and variance of their depths (Welford's method).
class Region
  attr_reader :name, :quakes

  def initialize(name)
    @name = name
    @quakes = []
    @mean = 0.0
    @squares = 0.0
  end

  # How many standard deviations a depth is from the mean; nil while too little is known.
  def deviation(depth)
    return if @quakes.size < CONFIG["least"]

    spread = Math.sqrt(@squares / (@quakes.size - 1))
    (depth - @mean) / spread if spread.positive?
  end

  def <<(quake)
    @quakes << quake
    delta = quake.depth - @mean
    @mean += delta / @quakes.size
    @squares += delta * (quake.depth - @mean)
    self
  end

  def to_h = { region: @name, quakes: @quakes.size, mean_km: @mean.round(2), deepest: @quakes.max_by(&:depth).id }
end

def init
  Object.const_set(:CONFIG, { "least" => 10, "deviations" => 2.5 }.merge(Mesh.config || {}).freeze)
  Object.const_set(:REGIONS, Hash.new { |regions, name| regions[name] = Region.new(name) })
end

def region_of(place) = place.to_s.split(",").last.to_s.downcase.scan(/[a-z0-9]+/).join("-").then { |name| name.empty? ? "unknown" : name }

def handle(event)
  event.json(symbolize_names: true) => { id:, properties: { mag: magnitude, place:, time:, type: }, geometry: { coordinates: [*, depth] } }
  return unless type == "earthquake" && depth

  region = REGIONS[region_of(place)]
  deviation = region.deviation(depth)
  region << Quake.new(id, magnitude, depth.to_f, Time.at(0, time, :millisecond).utc)
  return unless deviation && deviation.abs >= CONFIG["deviations"]

  Mesh.publish("quakes.depth.#{region.name}", region.to_h.merge(id:, depth_km: depth, deviations: deviation.round(1)), subject: region.name)
end
