# What an agent's script finds: the module Mesh. The script defines a method `handle(event)`, and if it wants to, `init`, which runs
# once in its life. What they raise ends the turn as failed.
require "js.so"
require "json"

module Mesh
  LEVELS = %i[trace debug info warn error].freeze
  HEALTH = %i[well degraded overloaded].freeze
  ATTRIBUTES = %i[id source topic subject time content_type trace_parent correlation position].freeze
  # The numbers of the calls, as the runtime knows them.
  VERBS = %i[script event_read event_attribute config publish send reply request schedule cancel spawn stop watch now random log health fail integrate]
          .each_with_index.to_h.freeze

  # The event of a turn. Only what is asked for is fetched.
  class Event
    ATTRIBUTES.each_with_index do |name, number|
      define_method(name) { Mesh.call(:event_attribute, number.to_s).force_encoding("UTF-8").then { |text| text unless text.empty? } }
    end

    # The data as bytes.
    def bytes = Mesh.call(:event_read)

    # The data as text; what is not UTF-8 becomes U+FFFD.
    def text = bytes.force_encoding("UTF-8").scrub

    # The data as the value that its JSON describes; options as of JSON.parse.
    def json(**options) = JSON.parse(text, **options)
  end

  class << self
    # Publishes text, bytes or a value (as JSON) on a topic that the agent may publish to.
    def publish(topic, data, subject: "", content_type: nil)
      content, type = encode(data)
      call(:publish, topic, subject, content_type || type, content)
    end

    # Sends to one agent, on its private topic.
    def send(agent, data) = call(:send, agent, encode(data).first)

    # Answers the event of this turn.
    def reply(data) = call(:reply, encode(data).first)

    # Publishes a request. The answer, or word that none came in time, is a later event with the correlation that this answers.
    def request(topic, data, timeout_ms) = call(:request, topic, encode(data).first, timeout_ms.to_s)

    # Has an event published on a topic in so many milliseconds. Answers the timer.
    def schedule(delay_ms, topic, data) = call(:schedule, delay_ms.to_s, topic, encode(data).first)

    # Takes a timer back.
    def cancel(timer) = call(:cancel, timer)

    # Starts an agent of a family, by its full name.
    def spawn(name) = call(:spawn, name)

    # Stops an agent that this one started.
    def stop(name) = call(:stop, name)

    # Asks for an event when that agent stops.
    def watch(name) = call(:watch, name)

    # When the event of this turn was appended to the log: nanoseconds since the Unix epoch. Time.now says the same.
    def now_ns = call(:now).to_i

    # So many random bytes, the same in every replay.
    def random(length) = call(:random, length.to_s)

    # Writes a line to the service's log.
    def log(line, level = :info) = call(:log, number_of(level), line.to_s)

    # Says how the agent is, and why.
    def health(sentence, level = :well) = call(:health, number_of(level, HEALTH), sentence.to_s)

    # Asks for a change of the topology: a hash, or JSON as text (see src/AkkaWasm.Actors/INTEGRATE.md). The answer is a later event with the correlation that
    # this answers. Needs the capability to integrate.
    def integrate(change) = call(:integrate, change.is_a?(String) ? change : JSON.generate(change))

    # Ends the turn as failed. Does not return.
    def fail(sentence) = call(:fail, sentence.to_s)

    # The config that the topology gives the agent: the value that its JSON describes, or nil.
    def config
      text = call(:config).force_encoding("UTF-8")
      text.empty? ? nil : JSON.parse(text)
    end

    # One call of the runtime: the verb, how many texts there are and how long each is, the texts. Answers bytes.
    def call(verb, *texts)
      texts.map!(&:b)
      JS.eval([VERBS.fetch(verb), texts.size, *texts.map(&:bytesize)].pack("V*") + texts.join).to_s.b
    end

    # Runs the script; called by the runtime, once.
    def start
      turn do
        eval(call(:script).force_encoding("UTF-8"), TOPLEVEL_BINDING, "agent.rb", 1)
        TOPLEVEL_BINDING.receiver.__send__(:init) if TOPLEVEL_BINDING.receiver.respond_to?(:init, true)
      end
    end

    # Handles the event of a turn; called by the runtime.
    def handle
      turn { TOPLEVEL_BINDING.receiver.__send__(:handle, EVENT) }
    end

    private

    def turn
      yield
    rescue Exception => e # rubocop:disable Lint/RescueException: whatever it is, the supervisor takes over
      fail(e.full_message(highlight: false))
    end

    def number_of(level, levels = LEVELS) = (levels.index(level) || raise(ArgumentError, "There is no level #{level}; there are #{levels.join(", ")}.")).to_s

    def encode(data) = data.is_a?(String) ? [data, ""] : [JSON.generate(data), "application/json"]
  end

  EVENT = Event.new.freeze
end
