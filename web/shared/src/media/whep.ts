import { ApiError } from '../api/error';

export type WatchState = 'idle' | 'connecting' | 'live' | 'stalled' | 'failed' | 'ended';
export type Rendition = 'main' | 'small';

export interface WatchStats {
  frames_decoded: number;
  audio_level: number;
  frame_width: number;
  frame_height: number;
  round_trip_ms: number;
}

export interface WatchOptions {
  feed_id: string;
  rendition: Rendition;
  /** Rooms have sound; seats' cameras and desktops have none. */
  sound: boolean;
  /** A fresh ticket for each try: a ticket opens one viewing only. */
  ticket: () => Promise<string>;
  onState: (state: WatchState, error?: ApiError) => void;
  onStream: (stream: MediaStream | null) => void;
  onStats?: (stats: WatchStats) => void;
  /** Value for the X-CSRF header. */
  csrf?: () => string;
  base?: string;
  makePeer?: () => RTCPeerConnection;
  fetch?: typeof fetch;
  stats_every_ms?: number;
}

const GATHERING_LIMIT_MS = 1_500;
const ANSWER_LIMIT_MS = 10_000;
const FIRST_FRAME_LIMIT_MS = 10_000;
const STALLED_AFTER_MS = 3_000;
const RECONNECT_AFTER_MS = 8_000;
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 10_000;
/** Errors that another try cannot mend. */
const FINAL_STATUS = new Set([400, 401, 403, 404, 410]);
const TRIES_BEFORE_FAILED = 5;

const NO_STATS: WatchStats = { frames_decoded: 0, audio_level: 0, frame_width: 0, frame_height: 0, round_trip_ms: 0 };

async function refusalOf(response: Response): Promise<ApiError> {
  try {
    const body = (await response.json()) as { error: { code: string; message: string; source?: string } };
    return new ApiError(response.status, body.error.code, body.error.message, undefined, body.error.source);
  } catch {
    return new ApiError(response.status, `http.${response.status}`, '');
  }
}

function gathered(peer: RTCPeerConnection): Promise<void> {
  if (peer.iceGatheringState === 'complete') return Promise.resolve();
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      peer.removeEventListener('icegatheringstatechange', look);
      resolve();
    };
    const look = (): void => {
      if (peer.iceGatheringState === 'complete') done();
    };
    const timer = setTimeout(done, GATHERING_LIMIT_MS);
    peer.addEventListener('icegatheringstatechange', look);
  });
}

/**
 * One viewing of one feed by WHEP (RFC 9725's shape): offer with all candidates, answer, media; ended by DELETE.
 * Goes on by itself after a break, with growing pauses, until stop().
 */
export class Watch {
  state: WatchState = 'idle';
  stats: WatchStats = { ...NO_STATS };
  private peer: RTCPeerConnection | null = null;
  private location: string | null = null;
  private generation = 0;
  private tries = 0;
  private wait_ms = FIRST_WAIT_MS;
  private retry: ReturnType<typeof setTimeout> | undefined;
  private poll: ReturnType<typeof setInterval> | undefined;
  private progressed_at = 0;
  private began_at = 0;

  constructor(private readonly options: WatchOptions) {}

  start(): void {
    if (this.state === 'connecting' || this.state === 'live' || this.state === 'stalled') return;
    this.tries = 0;
    this.wait_ms = FIRST_WAIT_MS;
    void this.connect();
  }

  /** By hand, after a failure. */
  again(): void {
    this.close();
    this.state = 'idle';
    this.start();
  }

  stop(): void {
    this.close();
    this.set('ended');
  }

  private set(state: WatchState, error?: ApiError): void {
    if (this.state === state && !error) return;
    this.state = state;
    this.options.onState(state, error);
  }

  private close(): void {
    this.generation += 1;
    clearTimeout(this.retry);
    clearInterval(this.poll);
    this.peer?.close();
    this.peer = null;
    this.options.onStream(null);
    this.stats = { ...NO_STATS };
    if (this.location) this.leave(this.location);
    this.location = null;
  }

  private leave(location: string): void {
    const send = this.options.fetch ?? fetch;
    // The server ends silent viewers by itself, so a lost goodbye does no harm.
    send(location, { method: 'DELETE', headers: this.csrfHeader(), keepalive: true, credentials: 'same-origin' }).catch(() => undefined);
  }

  private csrfHeader(): Record<string, string> {
    const csrf = this.options.csrf?.();
    return csrf ? { 'X-CSRF': csrf } : {};
  }

  private async connect(): Promise<void> {
    this.close();
    const generation = this.generation;
    const stale = (): boolean => generation !== this.generation;
    this.set('connecting');
    this.began_at = performance.now();
    const peer = (this.options.makePeer ?? (() => new RTCPeerConnection({ bundlePolicy: 'max-bundle' })))();
    this.peer = peer;
    try {
      this.listen(peer, stale);
      await peer.setLocalDescription(await peer.createOffer());
      await gathered(peer);
      if (stale()) return;
      const ticket = await this.options.ticket();
      if (stale()) return;
      const answer = await this.exchange(peer.localDescription?.sdp ?? '', ticket, stale);
      if (answer === null || stale()) return;
      await peer.setRemoteDescription({ type: 'answer', sdp: answer });
      if (stale()) return;
      this.watchProgress(peer, stale);
    } catch (cause) {
      if (!stale()) this.broken(cause);
    }
  }

  private listen(peer: RTCPeerConnection, stale: () => boolean): void {
    peer.addTransceiver('video', { direction: 'recvonly' });
    if (this.options.sound) peer.addTransceiver('audio', { direction: 'recvonly' });
    const stream = new MediaStream();
    peer.ontrack = (event) => {
      if (stale()) return;
      stream.addTrack(event.track);
      this.options.onStream(stream);
    };
    peer.onconnectionstatechange = () => {
      if (!stale() && peer.connectionState === 'failed') this.broken(new ApiError(0, 'watch.no_route', ''));
    };
  }

  private async exchange(sdp: string, ticket: string, stale: () => boolean): Promise<string | null> {
    const send = this.options.fetch ?? fetch;
    const url = `${this.options.base ?? '/api/v1/whep'}/${encodeURIComponent(this.options.feed_id)}?rendition=${this.options.rendition}`;
    const abort = new AbortController();
    const timer = setTimeout(() => abort.abort(), ANSWER_LIMIT_MS);
    try {
      const response = await send(url, {
        method: 'POST',
        headers: { ...this.csrfHeader(), 'Content-Type': 'application/sdp', Authorization: `Bearer ${ticket}` },
        body: sdp,
        credentials: 'same-origin',
        signal: abort.signal,
      });
      if (!response.ok) throw await refusalOf(response);
      const location = response.headers.get('Location');
      if (stale()) {
        if (location) this.leave(location);
        return null;
      }
      this.location = location;
      return await response.text();
    } catch (cause) {
      if (cause instanceof ApiError) throw cause;
      throw new ApiError(0, abort.signal.aborted ? 'net.timeout' : 'net.unreachable', '');
    } finally {
      clearTimeout(timer);
    }
  }

  private watchProgress(peer: RTCPeerConnection, stale: () => boolean): void {
    this.progressed_at = performance.now();
    this.poll = setInterval(() => {
      void this.look(peer, stale);
    }, this.options.stats_every_ms ?? 500);
  }

  private async look(peer: RTCPeerConnection, stale: () => boolean): Promise<void> {
    const report = await peer.getStats();
    if (stale()) return;
    const stats = readStats(report);
    const moved = stats.frames_decoded > this.stats.frames_decoded;
    this.stats = stats;
    this.options.onStats?.(stats);
    const now = performance.now();
    if (moved) {
      this.progressed_at = now;
      this.tries = 0;
      this.wait_ms = FIRST_WAIT_MS;
      this.set('live');
      return;
    }
    const silent_ms = now - this.progressed_at;
    if (this.state === 'connecting') {
      if (now - this.began_at > FIRST_FRAME_LIMIT_MS) this.broken(new ApiError(0, 'watch.no_picture', ''));
    } else if (silent_ms > RECONNECT_AFTER_MS) {
      this.broken(new ApiError(0, 'watch.silent', ''));
    } else if (silent_ms > STALLED_AFTER_MS) {
      this.set('stalled');
    }
  }

  private broken(cause: unknown): void {
    const error = cause instanceof ApiError ? cause : new ApiError(0, 'watch.failed', String(cause));
    this.close();
    this.tries += 1;
    if (FINAL_STATUS.has(error.status) || this.tries >= TRIES_BEFORE_FAILED) {
      this.set('failed', error);
      return;
    }
    this.set('connecting', error);
    this.retry = setTimeout(() => void this.connect(), this.wait_ms);
    this.wait_ms = Math.min(LONGEST_WAIT_MS, this.wait_ms * 2);
  }
}

export function readStats(report: RTCStatsReport): WatchStats {
  const stats = { ...NO_STATS };
  report.forEach((entry: Record<string, unknown>) => {
    if (entry.type === 'inbound-rtp' && entry.kind === 'video') {
      stats.frames_decoded = Number(entry.framesDecoded ?? 0);
      stats.frame_width = Number(entry.frameWidth ?? 0);
      stats.frame_height = Number(entry.frameHeight ?? 0);
    } else if (entry.type === 'inbound-rtp' && entry.kind === 'audio') {
      stats.audio_level = Number(entry.audioLevel ?? 0);
    } else if (entry.type === 'candidate-pair' && entry.nominated === true) {
      stats.round_trip_ms = Math.round(Number(entry.currentRoundTripTime ?? 0) * 1000);
    }
  });
  return stats;
}
