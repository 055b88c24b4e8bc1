import { Fuel } from './fuel.js';
import { FUEL } from './meter.js';

const PAGE_BYTES = 65_536;

/**
 * The functions that OPA's WebAssembly exports and its memory, as far as this host uses them. Addresses are offsets
 * into the memory; those of values and of texts that end with a zero byte.
 *
 * Source: https://www.openpolicyagent.org/docs/wasm
 */
export class PolicyExports {
  readonly fuel: Fuel;
  readonly #memory: WebAssembly.Memory;
  readonly #exports: Readonly<Record<string, unknown>>;
  readonly #malloc: (bytes: number) => number;
  readonly #free: (address: number) => number;
  readonly #parse: (address: number, length: number) => number;
  readonly #dump: (address: number) => number;
  readonly #eval: (...operands: number[]) => number;
  #bytes: Buffer;

  /** @throws TypeError if the instance is not of an OPA policy that was metered */
  constructor(instance: WebAssembly.Instance, memory: WebAssembly.Memory) {
    this.#exports = instance.exports;
    this.#memory = memory;
    this.#bytes = Buffer.from(memory.buffer);
    this.#malloc = this.#function('opa_malloc');
    this.#free = this.#function('opa_free');
    this.#parse = this.#function('opa_value_parse');
    this.#dump = this.#function('opa_value_dump');
    this.#eval = this.#function('opa_eval');
    const fuel = instance.exports[FUEL];
    if (!(fuel instanceof WebAssembly.Global)) throw new TypeError('the WebAssembly was not metered');
    this.fuel = new Fuel(fuel);
  }

  /** The whole memory as it is now; stale as soon as anything was called. */
  get bytes(): Buffer {
    // A memory that grew has another buffer, and a view of the one before has no bytes.
    if (this.#bytes.byteLength === 0) this.#bytes = Buffer.from(this.#memory.buffer);
    return this.#bytes;
  }

  get pages(): number {
    return this.#memory.buffer.byteLength / PAGE_BYTES;
  }

  /** Up to where memory is taken. */
  get heapAddress(): number {
    return this.#function('opa_heap_ptr_get')();
  }

  set heapAddress(address: number) {
    this.#function('opa_heap_ptr_set')(address);
  }

  /** The text at an address. */
  text(address: number): string {
    const { bytes } = this;
    return bytes.toString('utf8', address, bytes.indexOf(0, address));
  }

  /** The text of a value, in OPA's notation. */
  valueText(value: number): string {
    const address = this.#dump(value);
    const text = this.text(address);
    this.#free(address);
    return text;
  }

  /**
   * The address of a new value.
   *
   * @param text in OPA's notation
   */
  value(text: string): number {
    const length = Buffer.byteLength(text);
    const address = this.#malloc(length);
    this.bytes.write(text, address, 'utf8');
    const value = this.#parse(address, length);
    this.#free(address);
    if (value === 0) throw new TypeError('OPA cannot read a value that a built-in answered with');
    return value;
  }

  /** The table that an exported function (`builtins` or `entrypoints`) answers with: names and their numbers. */
  table(name: string): ReadonlyMap<string, number> {
    const table: unknown = JSON.parse(this.valueText(this.#function(name)()));
    return new Map(Object.entries(table as Record<string, number>));
  }

  /** Makes room for so many bytes from an address on at once; of itself memory grows page by page, which is slow. */
  reserve(address: number, bytes: number): void {
    if (address + bytes < this.bytes.byteLength) return;
    this.heapAddress = address;
    this.#malloc(bytes);
  }

  /**
   * Evaluates an entrypoint.
   *
   * @param input JSON; may be empty for an undefined input
   * @param heapAddress from where on memory is free
   * @returns the address of the result set's text
   */
  evaluate(
    entrypoint: number,
    dataAddress: number,
    input: Uint8Array,
    heapAddress: number,
    form: 0 | 1,
  ): number {
    this.bytes.set(input, heapAddress);
    const { length } = input;
    const inputAddress = length === 0 ? 0 : heapAddress;
    const free = heapAddress + Math.ceil(length / 8) * 8;
    return this.#eval(0, entrypoint, dataAddress, inputAddress, length, free, form);
  }

  #function(name: string): (...operands: number[]) => number {
    const exported = this.#exports[name];
    if (typeof exported !== 'function') {
      throw new TypeError(`the WebAssembly is no OPA policy of ABI 1.2 or later: it lacks ${name}`);
    }
    // WebAssembly's own type check: what OPA exports takes and returns addresses.
    return exported as (...operands: number[]) => number;
  }
}
