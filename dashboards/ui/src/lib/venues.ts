/** Time zones of venues by market identifier code; a venue not listed shows the reader's time only. */
const ZONES: Record<string, string> = {
  XNYS: 'America/New_York',
  XNAS: 'America/New_York',
  XCHI: 'America/Chicago',
  XTSE: 'America/Toronto',
  BVMF: 'America/Sao_Paulo',
  XLON: 'Europe/London',
  XETR: 'Europe/Berlin',
  XFRA: 'Europe/Berlin',
  XPAR: 'Europe/Paris',
  XAMS: 'Europe/Amsterdam',
  XSWX: 'Europe/Zurich',
  XBOM: 'Asia/Kolkata',
  XNSE: 'Asia/Kolkata',
  XTKS: 'Asia/Tokyo',
  XHKG: 'Asia/Hong_Kong',
  XSHG: 'Asia/Shanghai',
  XSES: 'Asia/Singapore',
  XASX: 'Australia/Sydney',
};

/** "09:30 in New York" at the venue; null when its zone is not known. */
export function venueClock(venue: string | null | undefined, time: string): string | null {
  const zone = ZONES[venue ?? ''];
  if (zone === undefined) return null;
  const clock = new Intl.DateTimeFormat('en-GB', { timeZone: zone, hour: '2-digit', minute: '2-digit' }).format(
    new Date(time),
  );
  return `${clock} in ${(zone.split('/')[1] ?? zone).replaceAll('_', ' ')}`;
}
