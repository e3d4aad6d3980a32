import { describe, expect, it } from 'vitest';
import { composeStage, parseStage, restFault, stageFaults } from './stage';

const parts = (t: string, n = '', m = '', rest = '') => ({ t, n, m, rest });

describe('stage texts', () => {
  it('takes the four parts out of one text and puts them together again', () => {
    expect(parseStage('cT1c cN2b cM0, IIIA')).toEqual(parts('cT1c', 'cN2b', 'cM0', 'IIIA'));
    for (const text of ['cT1c cN2b cM0, IIIA', 'ypT2 ypN1mi cM0', 'pTis', 'FIGO IIIC', '', 'cT2a cN2a cM0, (4R only) IIIA']) {
      expect(composeStage(parseStage(text))).toBe(text);
    }
  });

  it('loses no word of a text it does not know', () => {
    expect(composeStage(parseStage('Ann Arbor II bulky'))).toBe('Ann Arbor II bulky');
    expect(composeStage(parseStage('cT1 cT2 cN0'))).toBe('cT1 cN0, cT2');
  });

  it('offers the prefix that the parts beside make likely, and c otherwise', () => {
    expect(stageFaults(parts('T2a'), 'new')[0]?.repair).toBe('cT2a');
    expect(stageFaults(parts('T2a', 'pN1'), 'new')[0]?.repair).toBe('pT2a');
    expect(stageFaults(parts('t2a'), 'recurrence')[0]?.repair).toBe('rT2a');
  });

  it('reads one prefix for the group that follows, as the server does', () => {
    expect(stageFaults(parts('cT2a', 'N1', 'M0'), 'new')).toEqual([]);
    // The prefix must lead: a later one does not reach back.
    expect(stageFaults(parts('T2a', 'cN1', 'M0'), 'new').map((it) => it.axis)).toEqual(['t']);
    // One missing prefix is said once.
    expect(stageFaults(parts('T2', 'N0', 'M0'), 'new')).toHaveLength(1);
  });

  it('refuses pM0 and offers cM0; pM1 is fine', () => {
    expect(stageFaults(parts('pT2', 'pN0', 'pM0'), 'new')).toMatchObject([{ axis: 'm', repair: 'cM0' }]);
    expect(stageFaults(parts('ypT2', 'ypN0', 'ypM0'), 'new')).toMatchObject([{ axis: 'm', repair: 'ycM0' }]);
    expect(stageFaults(parts('pT2', 'pN0', 'pM1a'), 'new')).toEqual([]);
  });

  it('says what is expected where the word is none, and offers nothing', () => {
    expect(stageFaults(parts('big'), 'new')).toMatchObject([{ axis: 't', repair: '' }]);
    expect(stageFaults(parts('cT7'), 'new')).toHaveLength(1);
  });

  it('finds a bare part hidden in the free field', () => {
    expect(restFault('T2 N0')).not.toBe('');
    expect(restFault('IIIA (AJCC 9)')).toBe('');
    expect(restFault('MSI high, T790M found')).toBe('');
  });

  it('every offered repair is free of faults', () => {
    for (const t of ['T0', 'T1', 'T2a', 'T4d', 'Tis', 'TX', 'Ta']) {
      const repair = stageFaults(parts(t), 'new')[0]?.repair ?? '';
      expect(repair).not.toBe('');
      expect(stageFaults(parts(repair), 'new')).toEqual([]);
    }
  });
});
