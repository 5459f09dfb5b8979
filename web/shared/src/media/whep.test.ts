import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ApiError } from '../api/error';
import { readStats, Watch, type WatchOptions, type WatchState } from './whep';

class FakePeer extends EventTarget {
  static made: FakePeer[] = [];
  iceGatheringState = 'complete';
  connectionState = 'new';
  localDescription = { sdp: 'offer' };
  transceivers: string[] = [];
  frames = 0;
  closed = false;
  remote: unknown = null;
  ontrack: ((event: unknown) => void) | null = null;
  onconnectionstatechange: (() => void) | null = null;
  constructor() {
    super();
    FakePeer.made.push(this);
  }
  addTransceiver(kind: string): void {
    this.transceivers.push(kind);
  }
  createOffer(): Promise<object> {
    return Promise.resolve({ type: 'offer', sdp: 'offer' });
  }
  setLocalDescription(): Promise<void> {
    return Promise.resolve();
  }
  setRemoteDescription(answer: unknown): Promise<void> {
    this.remote = answer;
    return Promise.resolve();
  }
  getStats(): Promise<Map<string, unknown>> {
    return Promise.resolve(new Map([['v', { type: 'inbound-rtp', kind: 'video', framesDecoded: this.frames }]]));
  }
  close(): void {
    this.closed = true;
  }
}

interface Call {
  url: string;
  method: string;
  headers: Record<string, string>;
}

describe('Watch', () => {
  let calls: Call[];
  let states: { state: WatchState; code?: string }[];
  let answer: () => Response;
  let tickets: number;

  function watch(more: Partial<WatchOptions> = {}): Watch {
    return new Watch({
      feed_id: 'lanzhou-r1-env',
      rendition: 'small',
      sound: true,
      ticket: () => Promise.resolve(`ticket${(tickets += 1)}`),
      csrf: () => 'csrf',
      onState: (state, error?: ApiError) => states.push({ state, ...(error ? { code: error.code } : {}) }),
      onStream: () => undefined,
      makePeer: () => new FakePeer() as unknown as RTCPeerConnection,
      fetch: ((url: string, options: { method: string; headers: Record<string, string> }) => {
        calls.push({ url, method: options.method, headers: options.headers });
        return Promise.resolve(options.method === 'DELETE' ? new Response(null, { status: 204 }) : answer());
      }) as unknown as typeof fetch,
      stats_every_ms: 100,
      ...more,
    });
  }
  const peer = (): FakePeer => FakePeer.made.at(-1) as FakePeer;
  const last = (): WatchState | undefined => states.at(-1)?.state;

  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'performance', 'Date'] });
    vi.stubGlobal('MediaStream', class {
      addTrack(): void {}
    });
    FakePeer.made = [];
    calls = [];
    states = [];
    tickets = 0;
    answer = () => new Response('answer', { status: 201, headers: { Location: '/api/v1/whep/lanzhou-r1-env/viewer1' } });
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  it('start__offer_with_ticket__goes_live_with_the_first_frame', async () => {
    const w = watch();
    w.start();
    await vi.advanceTimersByTimeAsync(50);
    expect(peer().transceivers).toEqual(['video', 'audio']);
    expect(calls[0]).toMatchObject({
      url: '/api/v1/whep/lanzhou-r1-env?rendition=small',
      method: 'POST',
      headers: { Authorization: 'Bearer ticket1', 'Content-Type': 'application/sdp', 'X-CSRF': 'csrf' },
    });
    expect(peer().remote).toEqual({ type: 'answer', sdp: 'answer' });
    expect(last()).toBe('connecting');
    peer().frames = 3;
    await vi.advanceTimersByTimeAsync(150);
    expect(last()).toBe('live');
    expect(w.stats.frames_decoded).toBe(3);
    w.stop();
    expect(calls.at(-1)).toMatchObject({ url: '/api/v1/whep/lanzhou-r1-env/viewer1', method: 'DELETE' });
    expect(peer().closed).toBe(true);
    expect(last()).toBe('ended');
  });

  it('seat_camera__asks_for_no_sound', async () => {
    const w = watch({ sound: false });
    w.start();
    await vi.advanceTimersByTimeAsync(50);
    expect(peer().transceivers).toEqual(['video']);
    w.stop();
  });

  it('no_new_frames__stalls__then_connects_again_with_a_new_ticket', async () => {
    const w = watch();
    w.start();
    await vi.advanceTimersByTimeAsync(50);
    peer().frames = 1;
    await vi.advanceTimersByTimeAsync(200);
    await vi.advanceTimersByTimeAsync(3_500);
    expect(last()).toBe('stalled');
    peer().frames = 2;
    await vi.advanceTimersByTimeAsync(200);
    expect(last()).toBe('live');
    await vi.advanceTimersByTimeAsync(9_500);
    expect(FakePeer.made).toHaveLength(2);
    expect(FakePeer.made[0]?.closed).toBe(true);
    expect(calls.filter((c) => c.method === 'POST').at(-1)?.headers.Authorization).toBe('Bearer ticket2');
    w.stop();
  });

  it('refusal_that_is_final__fails_at_once__and_again_by_hand_works', async () => {
    answer = () => new Response(JSON.stringify({ error: { code: 'permission.denied', message: 'no' } }), { status: 403 });
    const w = watch();
    w.start();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(states.at(-1)).toEqual({ state: 'failed', code: 'permission.denied' });
    expect(tickets).toBe(1);
    answer = () => new Response('answer', { status: 201 });
    w.again();
    await vi.advanceTimersByTimeAsync(50);
    peer().frames = 1;
    await vi.advanceTimersByTimeAsync(150);
    expect(last()).toBe('live');
    w.stop();
  });

  it('server_away__tries_with_growing_pauses__then_says_failed', async () => {
    answer = () => new Response('', { status: 503 });
    const w = watch();
    w.start();
    await vi.advanceTimersByTimeAsync(400);
    expect(tickets).toBe(1);
    await vi.advanceTimersByTimeAsync(200);
    expect(tickets).toBe(2);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(tickets).toBe(5);
    expect(states.at(-1)).toEqual({ state: 'failed', code: 'http.503' });
    w.stop();
  });

  it('stop_while_the_answer_is_under_way__ends_the_viewer_that_came', async () => {
    let give: (response: Response) => void = () => undefined;
    const w = watch({
      fetch: ((url: string, options: { method: string; headers: Record<string, string> }) => {
        calls.push({ url, method: options.method, headers: options.headers });
        return options.method === 'DELETE' ? Promise.resolve(new Response(null, { status: 204 })) : new Promise<Response>((resolve) => (give = resolve));
      }) as unknown as typeof fetch,
    });
    w.start();
    await vi.advanceTimersByTimeAsync(50);
    w.stop();
    give(new Response('answer', { status: 201, headers: { Location: '/api/v1/whep/lanzhou-r1-env/late' } }));
    await vi.advanceTimersByTimeAsync(50);
    expect(calls.at(-1)).toMatchObject({ url: '/api/v1/whep/lanzhou-r1-env/late', method: 'DELETE' });
    expect(last()).toBe('ended');
  });

  it('no_picture_at_all__is_given_up_after_a_while', async () => {
    const w = watch();
    w.start();
    await vi.advanceTimersByTimeAsync(10_300);
    expect(states.some((s) => s.code === 'watch.no_picture')).toBe(true);
    w.stop();
  });
});

describe('readStats', () => {
  it('report__takes_frames_sound_and_round_trip', () => {
    const report = new Map<string, unknown>([
      ['v', { type: 'inbound-rtp', kind: 'video', framesDecoded: 42, frameWidth: 1280, frameHeight: 720 }],
      ['a', { type: 'inbound-rtp', kind: 'audio', audioLevel: 0.25 }],
      ['p', { type: 'candidate-pair', nominated: true, currentRoundTripTime: 0.019 }],
    ]);
    expect(readStats(report as unknown as RTCStatsReport)).toEqual({ frames_decoded: 42, audio_level: 0.25, frame_width: 1280, frame_height: 720, round_trip_ms: 19 });
  });
});
