// An agent that changes the topology by what the SDK has for it. The data of an event is a digit: it asks for the change in that line of its config, the
// first of which is 0; or it is a change, which it asks for as it is. What it is told, an event with the correlation that the call answered, it publishes on
// `integrator.out`; what it did not ask for ends the turn as failed.
import { Attribute, attribute, configText, eventText, fail, integrate, publish } from "../../../src/sdk/assemblyscript/mesh";

/** Correlations of what it has no answer to yet. */
const asked = new Set<i64>();

export function mesh_handle(eventSize: i32): i32 {
  const text = eventText(eventSize);
  const correlation = attribute(Attribute.Correlation);
  if (correlation.length > 0) {
    if (!asked.delete(I64.parseInt(correlation))) fail("Nothing was asked for with the correlation " + correlation);
    publish("integrator.out", text);
    return 0;
  }
  asked.add(integrate(text.length == 1 ? configText().split("\n")[I32.parseInt(text)] : text));
  return 0;
}
