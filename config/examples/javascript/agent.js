// Follows the earthquakes of each region in ordinary JavaScript objects, and tells on `quakes.swarm.<region>` when a swarm begins: so
// many quakes, each within so much time of the next. What it knows lives in the heap of QuickJS, and is saved with it.
"use strict";

const { quakes: needed = 5, windowMs = 3_600_000 } = mesh.config ?? {};
const regions = new Map();

class Region {
  #quakes = [];
  #swarms = 0;
  /** The quakes of the chain that was told of last; one that joins it is not news. */
  #told = new Set();

  constructor(name) {
    this.name = name;
  }

  /** Takes a quake in. Answers the chain it belongs to, if that is a swarm nobody was told of. */
  add(quake) {
    this.#quakes.push(quake);
    this.#quakes.sort((a, b) => a.time - b.time);
    const chain = this.#chainOf(quake);
    const known = chain.some(other => this.#told.has(other));
    if (known) this.#told.add(quake);
    if (known || chain.length < needed) return null;
    chain.forEach(other => this.#told.add(other));
    this.#swarms++;
    return chain;
  }

  get summary() {
    return { region: this.name, quakes: this.#quakes.length, swarms: this.#swarms };
  }

  #chainOf(quake) {
    let first = this.#quakes.indexOf(quake), last = first;
    while (first > 0 && this.#quakes[first].time - this.#quakes[first - 1].time <= windowMs) first--;
    while (last + 1 < this.#quakes.length && this.#quakes[last + 1].time - this.#quakes[last].time <= windowMs) last++;
    return this.#quakes.slice(first, last + 1);
  }
}

const regionOf = place => place.split(",").at(-1).trim().toLowerCase().replaceAll(/[^a-z0-9]+/g, "-").replaceAll(/^-|-$/g, "") || "unknown";

function handle(event) {
  const { id, properties: { mag, place, time, type } } = event.json();
  if (type !== "earthquake") return;
  const name = regionOf(place ?? "");
  if (!regions.has(name)) regions.set(name, new Region(name));
  const region = regions.get(name);
  const swarm = region.add({ id, mag, time });
  if (!swarm) return;
  const strongest = swarm.reduce((a, b) => (b.mag > a.mag ? b : a));
  mesh.publish(`quakes.swarm.${name}`, { ...region.summary, from: new Date(swarm[0].time).toISOString(), ids: swarm.map(quake => quake.id), strongest }, { subject: name });
}
