import type { LiveEvent } from '../api/types';

export type LiveState = 'connecting' | 'open' | 'lost';

export interface LiveOptions {
  url: () => string;
  onEvent: (event: LiveEvent) => void;
  /** `again` is true when the connection came back: everything shown must be fetched anew. */
  onState: (state: LiveState, again: boolean) => void;
  makeSocket?: (url: string) => WebSocket;
}

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 15_000;
/** A short break is not worth a banner. */
const GRACE_MS = 1_500;

export function webSocketUrl(path: string): string {
  const scheme = location.protocol === 'https:' ? 'wss:' : 'ws:';
  return `${scheme}//${location.host}${path}`;
}

/** A WebSocket that comes back by itself, with growing pauses. */
export class LiveConnection {
  private socket: WebSocket | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private grace: ReturnType<typeof setTimeout> | undefined;
  private wait_ms = FIRST_WAIT_MS;
  private opened = false;
  private ended = true;

  constructor(private readonly options: LiveOptions) {}

  start(): void {
    if (!this.ended) return;
    this.ended = false;
    this.options.onState('connecting', false);
    this.connect();
  }

  stop(): void {
    this.ended = true;
    this.opened = false;
    clearTimeout(this.timer);
    clearTimeout(this.grace);
    this.grace = undefined;
    this.socket?.close();
    this.socket = null;
  }

  retryNow(): void {
    if (this.ended || this.socket) return;
    clearTimeout(this.timer);
    this.connect();
  }

  private connect(): void {
    const socket = (this.options.makeSocket ?? ((url) => new WebSocket(url)))(this.options.url());
    this.socket = socket;
    socket.onopen = () => {
      this.wait_ms = FIRST_WAIT_MS;
      clearTimeout(this.grace);
      this.grace = undefined;
      this.options.onState('open', this.opened);
      this.opened = true;
    };
    socket.onmessage = (message: MessageEvent) => {
      const event = parseEvent(message.data);
      if (event) this.options.onEvent(event);
    };
    socket.onclose = () => {
      if (this.ended || this.socket !== socket) return;
      this.socket = null;
      this.grace ??= setTimeout(() => this.options.onState('lost', false), GRACE_MS);
      this.timer = setTimeout(() => this.connect(), this.wait_ms * (0.75 + Math.random() / 2));
      this.wait_ms = Math.min(LONGEST_WAIT_MS, this.wait_ms * 2);
    };
  }
}

function parseEvent(data: unknown): LiveEvent | null {
  if (typeof data !== 'string') return null;
  try {
    const event = JSON.parse(data) as LiveEvent;
    return typeof event.type === 'string' ? event : null;
  } catch {
    return null;
  }
}
