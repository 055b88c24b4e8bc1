const DAYS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** Whether there is such a day; without a year, in some year. */
export function isDay(month: number, day: number, year?: number): boolean {
  if (day < 1 || day > (DAYS[month - 1] ?? 0)) return false;
  return year === undefined || month !== 2 || day < 29 || isLeap(year);
}

function isLeap(year: number): boolean {
  return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
}
