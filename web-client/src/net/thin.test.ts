import { describe, expect, it } from 'vitest';
import { CALM_MS, judge, thinner, wide } from './thin';

const link = (rtt: number, lost_up = 0, jitter_up = 0) =>
  ({ rung: 'clear', lost_down: 0, lost_up, made_up: 0, jitter_down: 0, jitter_up, delay_up: 20, rtt }) as const;

describe('an uplink that is full', () => {
  it('gets less when its queue fills, and not for a way down that does', () => {
    let u = judge(wide, link(40), 0);
    u = judge(u, link(300), 5000);
    expect(u.thin).toBe(false);
    expect(judge(u, link(300, 0, 40), 10000).thin).toBe(true);
    expect(judge(u, link(300, 25), 10000).thin).toBe(true);
    expect(judge(judge(wide, link(620), 0), link(640, 10), 5000).thin).toBe(false); // far, and loses: not full
  });

  it('has all again after a minute with room, and then takes longer', () => {
    let u = judge(judge(wide, link(40), 0), link(300, 10), 5000);
    u = judge(u, link(60), 10000);
    expect(judge(u, link(60), 10000 + CALM_MS - 1).thin).toBe(true);
    expect(judge(judge(u, link(200), 20000), link(60), 30000).calmMs).toBe(30000); // from the beginning
    u = judge(u, link(60), 10000 + CALM_MS);
    expect(u.thin).toBe(false);
    expect(u.calmFor).toBe(2 * CALM_MS);
  });

  it('asks itself for it in the words of the offer, and changes nothing else', () => {
    const offer = ['m=audio 443 UDP/TLS/RTP/SAVPF 63 111', 'a=rtpmap:111 opus/48000/2',
      'a=fmtp:111 minptime=10;useinbandfec=1;maxaveragebitrate=32000', 'a=rtcp-fb:111 nack', 'a=rtpmap:63 red/48000/2',
      'a=fmtp:63 111/111', 'a=ssrc:1 cname:consilium', ''].join('\r\n');
    const thin = thinner(offer).split('\r\n');
    expect(thin[0]).toBe('m=audio 443 UDP/TLS/RTP/SAVPF 111 63');
    expect(thin[2]).toBe('a=fmtp:111 minptime=10;useinbandfec=1;maxaveragebitrate=16000;usedtx=1');
    expect(thin.slice(5)).toEqual(['a=fmtp:63 111/111', 'a=ptime:60', 'a=maxptime:60', 'a=ssrc:1 cname:consilium', '']);
  });
});
