import { ApiError } from './error';

export type Query = Record<string, string | number | boolean | undefined | null>;

export interface HttpOptions {
  base: string;
  /** Value for the X-CSRF header of calls that change something. */
  csrf?: () => string;
  /** Told of every 401, so that the page can ask for a new sign-in. */
  signedOut?: () => void;
  timeout_ms?: number;
}

export interface Http {
  get<T>(path: string, query?: Query): Promise<T>;
  /** With a key, a call sent twice (a double click, a lost answer) makes one thing only. */
  post<T>(path: string, body?: unknown, idempotencyKey?: string): Promise<T>;
  delete(path: string): Promise<void>;
}

const TIMEOUT_MS = 20_000;

function withQuery(path: string, query?: Query): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value !== undefined && value !== null && value !== '') search.set(name, String(value));
  }
  const text = search.toString();
  return text ? `${path}?${text}` : path;
}

async function errorOf(response: Response): Promise<ApiError> {
  const fallback = `http.${response.status}`;
  try {
    const body = (await response.json()) as {
      error?: { code?: string; message?: string; field?: string; source?: string };
    };
    const error = body.error ?? {};
    return new ApiError(response.status, error.code ?? fallback, error.message ?? '', error.field, error.source);
  } catch {
    return new ApiError(response.status, fallback, response.statusText);
  }
}

export function makeHttp(options: HttpOptions): Http {
  async function call<T>(method: string, path: string, body?: unknown, idempotencyKey?: string): Promise<T> {
    const headers: Record<string, string> = { Accept: 'application/json' };
    if (method !== 'GET') headers['X-CSRF'] = options.csrf?.() ?? '';
    if (idempotencyKey) headers['Idempotency-Key'] = idempotencyKey;
    if (body !== undefined) headers['Content-Type'] = 'application/json';
    const abort = new AbortController();
    const timer = setTimeout(() => abort.abort(), options.timeout_ms ?? TIMEOUT_MS);
    let response: Response;
    try {
      response = await fetch(options.base + path, {
        method,
        headers,
        credentials: 'same-origin',
        cache: 'no-store',
        signal: abort.signal,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
    } catch {
      throw new ApiError(0, abort.signal.aborted ? 'net.timeout' : 'net.unreachable', '');
    } finally {
      clearTimeout(timer);
    }
    if (!response.ok) {
      const error = await errorOf(response);
      if (response.status === 401 || error.code === 'login.needed') options.signedOut?.();
      throw error;
    }
    if (response.status === 204) return undefined as T;
    const text = await response.text();
    if (text === '') return undefined as T;
    try {
      return JSON.parse(text) as T;
    } catch {
      throw new ApiError(response.status, 'net.bad_answer', '');
    }
  }
  return {
    get: (path, query) => call('GET', withQuery(path, query)),
    post: (path, body, idempotencyKey) => call('POST', path, body, idempotencyKey),
    delete: (path) => call('DELETE', path),
  };
}
