/** A tensor as a test sends it: `json` is text of a list, `raw` its bytes. */
export interface SentTensor {
  name: string;
  datatype: string;
  shape: number[];
  json?: string;
  raw?: Uint8Array;
}

export interface InferAnswer {
  status: number;
  headers: Headers;
  /** the JSON's text, for what `JSON.parse` would round */
  text: string;
  document: { id?: string; model_name?: string; model_version?: string; error?: string; outputs?: Output[] };
  /** raw bytes by output */
  raw: Map<string, Uint8Array>;
}

export interface Output {
  name: string;
  datatype: string;
  shape: number[];
  data?: unknown[];
  parameters?: { binary_data_size?: number };
}

/** The Open Inference Protocol as a client of its own speaks it: nothing here is shared with the server. */
export class InferClient {
  constructor(
    private readonly url: string,
    private readonly key: string,
    readonly model: string,
  ) {}

  get(path = ""): Promise<Response> {
    return fetch(`${this.url}/v2/models/${this.model}${path}`, { headers: this.#headers() });
  }

  /** @param more further members of the request, as JSON text: `"id":"a"` */
  infer(inputs: readonly SentTensor[], more: string[] = [], path = ""): Promise<InferAnswer> {
    const { json, body } = writeRequest(inputs, more);
    const binary = inputs.some((input) => input.raw);
    return this.send(body, binary ? { "inference-header-content-length": String(json) } : {}, path);
  }

  async send(
    body: Uint8Array | string,
    headers: Record<string, string> = {},
    path = "",
  ): Promise<InferAnswer> {
    const response = await fetch(`${this.url}/v2/models/${this.model}${path}/infer`, {
      method: "POST",
      body: body as BodyInit,
      headers: { ...this.#headers(), ...headers },
    });
    return readAnswer(response);
  }

  #headers(): Record<string, string> {
    return { authorization: `Bearer ${this.key}` };
  }
}

/** The body of a request, and how much of it is JSON. */
export function writeRequest(inputs: readonly SentTensor[], more: string[] = []) {
  const tensors = inputs.map(({ name, datatype, shape, json, raw }) => {
    const content = raw ? `"parameters":{"binary_data_size":${raw.byteLength}}` : `"data":${json}`;
    return `{"name":"${name}","shape":[${shape}],"datatype":"${datatype}",${content}}`;
  });
  const json = Buffer.from(`{${[...more, `"inputs":[${tensors}]`].join(",")}}`);
  const tail = inputs.flatMap(({ raw }) => (raw ? [raw] : []));
  return { json: json.byteLength, body: Buffer.concat([json, ...tail]) };
}

async function readAnswer(response: Response): Promise<InferAnswer> {
  const body = await response.bytes();
  const length = response.headers.get("inference-header-content-length");
  const text = Buffer.from(body.subarray(0, length === null ? undefined : Number(length))).toString();
  const document = JSON.parse(text) as InferAnswer["document"];
  const raw = new Map<string, Uint8Array>();
  let offset = Number(length ?? body.byteLength);
  for (const { name, parameters } of document.outputs ?? []) {
    const size = parameters?.binary_data_size;
    if (size === undefined) continue;
    raw.set(name, body.subarray(offset, offset + size));
    offset += size;
  }
  if (offset !== body.byteLength) throw new Error(`${body.byteLength - offset} bytes belong to no output`);
  return { status: response.status, headers: response.headers, text, document, raw };
}
