/** A server on this machine alone, for tests of downloads: what each request gets is a function of it. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface Loopback {
  /** http://127.0.0.1:PORT */
  readonly url: string;
  /** Every request so far: path and range. */
  readonly requests: readonly { readonly path: string; readonly range: string | undefined }[];
  /** Ends all connections. */
  close(): Promise<void>;
}

export type Handler = (request: IncomingMessage, response: ServerResponse, path: string) => void;

export async function serve(handler: Handler): Promise<Loopback> {
  const requests: { path: string; range: string | undefined }[] = [];
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? "/", "http://127.0.0.1").pathname;
    requests.push({ path, range: request.headers.range });
    handler(request, response, path);
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}

/** Sends a file as servers do: whole, or from where a range says. */
export function send(request: IncomingMessage, response: ServerResponse, content: Uint8Array): void {
  const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1] ?? 0);
  if (start >= content.length && start > 0) {
    response.writeHead(416).end();
    return;
  }
  response.writeHead(start > 0 ? 206 : 200, { "content-length": content.length - start });
  response.end(content.subarray(start));
}
