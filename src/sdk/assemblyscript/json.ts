// A JSON reader (RFC 8259) for agents in AssemblyScript: the document becomes a tree. What is no JSON ends the turn as failed.
import { fail } from "./mesh";

/** What a value is. */
export enum JsonKind { Null, Boolean, Number, String, Array, Object }

/** A value and all that is in it. */
export class JsonValue {
  /** The number, or 1 for true. */
  number: f64 = 0;
  /** The string, its escapes resolved. */
  text: string = "";
  items: Array<JsonValue> = [];
  members: Map<string, JsonValue> = new Map();

  constructor(public readonly kind: JsonKind) {}

  /** A member of an object; null if there is none, or if this is no object. */
  get(key: string): JsonValue | null {
    return this.members.has(key) ? this.members.get(key) : null;
  }
}

/** Reads a document. */
export function parseJson(text: string): JsonValue {
  const reader = new Reader(text);
  const value = reader.value(0);
  reader.end();
  return value;
}

/** Text as a JSON string, with its quotes. */
export function quoteJson(text: string): string {
  let quoted = "\"";
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code == 0x22 || code == 0x5c) quoted += "\\" + text.charAt(i);
    else if (code < 0x20) quoted += "\\u" + code.toString(16).padStart(4, "0");
    else quoted += text.charAt(i);
  }
  return quoted + "\"";
}

const MAX_DEPTH = 64;

class Reader {
  private at: i32 = 0;

  constructor(private readonly text: string) {}

  value(depth: i32): JsonValue {
    if (depth > MAX_DEPTH) this.refuse("it is nested too deeply");
    const next = this.peek();
    if (next == 0x7b) return this.object(depth);
    if (next == 0x5b) return this.array(depth);
    if (next == 0x22) {
      const value = new JsonValue(JsonKind.String);
      value.text = this.string();
      return value;
    }
    if (next == 0x74) return this.word("true", JsonKind.Boolean, 1);
    if (next == 0x66) return this.word("false", JsonKind.Boolean, 0);
    if (next == 0x6e) return this.word("null", JsonKind.Null, 0);
    return this.number();
  }

  end(): void {
    if (this.peek() != -1) this.refuse("something follows the value");
  }

  private object(depth: i32): JsonValue {
    const value = new JsonValue(JsonKind.Object);
    this.take(0x7b);
    if (this.peek() != 0x7d) {
      do {
        if (this.peek() != 0x22) this.refuse("a key is expected");
        const key = this.string();
        this.take(0x3a);
        value.members.set(key, this.value(depth + 1));
      } while (this.takes(0x2c));
    }
    this.take(0x7d);
    return value;
  }

  private array(depth: i32): JsonValue {
    const value = new JsonValue(JsonKind.Array);
    this.take(0x5b);
    if (this.peek() != 0x5d) {
      do value.items.push(this.value(depth + 1)); while (this.takes(0x2c));
    }
    this.take(0x5d);
    return value;
  }

  private word(word: string, kind: JsonKind, number: f64): JsonValue {
    if (this.text.substr(this.at, word.length) != word) this.refuse("a value is expected");
    this.at += word.length;
    const value = new JsonValue(kind);
    value.number = number;
    return value;
  }

  private number(): JsonValue {
    const from = this.at;
    if (this.code() == 0x2d) this.at++;
    const first = this.code();
    const integer = this.digits();
    if (integer > 1 && first == 0x30) this.refuse("a number begins with 0");
    if (this.code() == 0x2e) {
      this.at++;
      this.digits();
    }
    if ((this.code() | 0x20) == 0x65) {
      this.at++;
      if (this.code() == 0x2b || this.code() == 0x2d) this.at++;
      this.digits();
    }
    const value = new JsonValue(JsonKind.Number);
    value.number = F64.parseFloat(this.text.substring(from, this.at));
    return value;
  }

  private digits(): i32 {
    const from = this.at;
    while (this.code() >= 0x30 && this.code() <= 0x39) this.at++;
    if (this.at == from) this.refuse("a value is expected");
    return this.at - from;
  }

  private string(): string {
    this.take(0x22);
    let text = "";
    let from = this.at;
    for (; this.code() != 0x22; this.at++) {
      if (this.code() < 0x20) this.refuse("a string does not end");
      if (this.code() != 0x5c) continue;
      text += this.text.substring(from, this.at++) + this.escape();
      from = this.at + 1;
    }
    text += this.text.substring(from, this.at++);
    return text;
  }

  /** The character that an escape stands for; leaves the place at its last one. */
  private escape(): string {
    const code = this.code();
    if (code == 0x75) {
      const digits = this.text.substr(this.at + 1, 4);
      for (let i = 0; i < 4; i++) {
        const digit = i < digits.length ? digits.charCodeAt(i) | 0x20 : 0;
        if (!((digit >= 0x30 && digit <= 0x39) || (digit >= 0x61 && digit <= 0x66))) this.refuse("an escape is incomplete");
      }
      this.at += 4;
      return String.fromCharCode(<i32>parseInt(digits, 16));
    }
    const index = "\"\\/bfnrt".indexOf(String.fromCharCode(code));
    if (code == -1 || index < 0) this.refuse("an escape is unknown");
    return "\"\\/\b\f\n\r\t".charAt(index);
  }

  private code(): i32 {
    return this.at < this.text.length ? this.text.charCodeAt(this.at) : -1;
  }

  /** The next code unit that is no white space; -1 at the end. */
  private peek(): i32 {
    while (this.code() == 0x20 || this.code() == 0x0a || this.code() == 0x0d || this.code() == 0x09) this.at++;
    return this.code();
  }

  private takes(code: i32): bool {
    if (this.peek() != code) return false;
    this.at++;
    return true;
  }

  private take(code: i32): void {
    if (!this.takes(code)) this.refuse("'" + String.fromCharCode(code) + "' is expected");
  }

  private refuse(why: string): void {
    fail("The text is not JSON: " + why + ", at character " + this.at.toString());
  }
}
