import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { LiveEvent } from '../api/types';
import { LiveConnection, type LiveState } from './events';

class FakeSocket {
  static made: FakeSocket[] = [];
  onopen: (() => void) | null = null;
  onclose: (() => void) | null = null;
  onmessage: ((message: { data: unknown }) => void) | null = null;
  closed = false;
  constructor() {
    FakeSocket.made.push(this);
  }
  close(): void {
    this.closed = true;
  }
}

describe('LiveConnection', () => {
  let states: [LiveState, boolean][];
  let events: LiveEvent[];
  const socket = (): FakeSocket => FakeSocket.made.at(-1) as FakeSocket;
  function connection(): LiveConnection {
    return new LiveConnection({
      url: () => 'wss://x/events',
      onEvent: (event) => events.push(event),
      onState: (state, again) => states.push([state, again]),
      makeSocket: () => new FakeSocket() as unknown as WebSocket,
    });
  }
  beforeEach(() => {
    vi.useFakeTimers();
    FakeSocket.made = [];
    states = [];
    events = [];
  });
  afterEach(() => vi.useRealTimers());

  it('messages__events_pass__garbage_does_not', () => {
    const c = connection();
    c.start();
    socket().onopen?.();
    socket().onmessage?.({ data: '{"type":"session","id":"ses_1"}' });
    socket().onmessage?.({ data: 'garbage' });
    socket().onmessage?.({ data: '{"id":"x"}' });
    expect(events).toEqual([{ type: 'session', id: 'ses_1' }]);
    c.stop();
  });

  it('break__says_lost_after_a_moment__comes_back_and_asks_for_resync', () => {
    const c = connection();
    c.start();
    socket().onopen?.();
    expect(states).toEqual([['connecting', false], ['open', false]]);
    socket().onclose?.();
    vi.advanceTimersByTime(1_000);
    socket().onclose?.();
    vi.advanceTimersByTime(600);
    expect(states.at(-1)).toEqual(['lost', false]);
    vi.advanceTimersByTime(20_000);
    socket().onopen?.();
    expect(states.at(-1)).toEqual(['open', true]);
    c.stop();
  });

  it('short_break__no_banner__but_resync', () => {
    const c = connection();
    c.start();
    socket().onopen?.();
    socket().onclose?.();
    vi.advanceTimersByTime(800);
    socket().onopen?.();
    vi.advanceTimersByTime(5_000);
    expect(states.map(([state]) => state)).toEqual(['connecting', 'open', 'open']);
    expect(states.at(-1)).toEqual(['open', true]);
    c.stop();
  });

  it('stop__no_further_tries', () => {
    const c = connection();
    c.start();
    socket().onclose?.();
    c.stop();
    vi.advanceTimersByTime(60_000);
    expect(FakeSocket.made).toHaveLength(1);
  });
});
