import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';

const unzip = promisify(gunzip);

/** A body is not taken: the HTTP status that says why. */
export class BodyError extends Error {
  constructor(
    readonly status: 400 | 413 | 415,
    message: string,
  ) {
    super(message);
    this.name = 'BodyError';
  }
}

/**
 * The body of a request, unpacked.
 * @param maxBytes of the body as it was sent, and unpacked
 * @throws BodyError if it is larger, or packed otherwise than by gzip
 */
export async function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const encoding = request.headers['content-encoding']?.trim().toLowerCase() ?? 'identity';
  if (encoding !== 'identity' && encoding !== 'gzip') throw new BodyError(415, `${encoding} is not unpacked here`);
  const body = await collect(request, maxBytes);
  if (encoding === 'identity') return body;
  return await unzip(body, { maxOutputLength: maxBytes }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ERR_BUFFER_TOO_LARGE') throw new BodyError(413, 'the body is too large');
    throw new BodyError(400, 'the body is no gzip');
  });
}

async function collect(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) throw new BodyError(413, 'the body is too large');
  const chunks: Buffer[] = [];
  let size = 0;
  // The request stays open: its answer says what is wrong with it.
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBytes) throw new BodyError(413, 'the body is too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
