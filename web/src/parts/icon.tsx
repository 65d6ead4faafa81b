/** Line drawings on a grid of 20; decoration only, the word beside them is what is read. */
const PATHS = {
  home: 'M3 9.500 10 3.500l7 6M5 8.200V16.500h10V8.200M8.500 16.500v-4.500h3v4.500',
  grid: 'M3.500 3.500h5v5h-5zM11.500 3.500h5v5h-5zM3.500 11.500h5v5h-5zM11.500 11.500h5v5h-5z',
  archive: 'M3 4.500h14v3.500H3zM4.500 8v7.500h11V8M8 11h4',
  bell: 'M5.500 8.500a4.500 4.500 0 0 1 9 0c0 4 1.500 5 1.500 5H4s1.500-1 1.500-5M8.500 16a1.700 1.700 0 0 0 3 0',
  server:
    'M3.500 4h13v5h-13zM3.500 11h13v5h-13zM6.500 6.500h.01M6.500 13.500h.01M9.500 6.500h4M9.500 13.500h4',
  user: 'M10 10a3.200 3.200 0 1 0 0-6.400A3.200 3.200 0 0 0 10 10M4 16.800c.6-3 2.900-4.600 6-4.600s5.400 1.600 6 4.600',
  search: 'M8.800 14a5.200 5.200 0 1 0 0-10.400 5.200 5.200 0 0 0 0 10.400M12.800 12.800l3.900 3.900',
  globe:
    'M10 17a7 7 0 1 0 0-14 7 7 0 0 0 0 14M3 10h14M10 3c2.200 2 3 4.500 3 7s-.8 5-3 7c-2.200-2-3-4.500-3-7s.8-5 3-7',
  book: 'M4 4.500h4.500A1.500 1.500 0 0 1 10 6v10.500a1.500 1.500 0 0 0-1.500-1.500H4zM16 4.500h-4.500A1.500 1.500 0 0 0 10 6v10.500a1.500 1.500 0 0 1 1.500-1.500H16z',
  code: 'M7 6.500 3.500 10 7 13.500M13 6.500l3.500 3.500-3.500 3.500M11.200 4.500l-2.400 11',
  chat: 'M3.500 4.500h13v9h-7l-3.500 3v-3H3.500z',
  files: 'M3 5h5l1.500 2H17v8.500H3z',
  database:
    'M4 5.500c0-1.100 2.700-2 6-2s6 .9 6 2-2.700 2-6 2-6-.9-6-2M4 5.500v9c0 1.100 2.700 2 6 2s6-.9 6-2v-9M4 10c0 1.100 2.700 2 6 2s6-.9 6-2',
  board: 'M3.500 4h13v12h-13zM8 4v12M12 4v12M5 7h1.500M9.300 7h1.500M9.300 10h1.500M13.500 7H15',
  shield: 'M10 3l6 2.200v4.300c0 3.600-2.500 6.100-6 7.500-3.500-1.400-6-3.900-6-7.500V5.200z',
  external: 'M8 5H4.500v10.500H15V12M11 4h5v5M16 4l-7 7',
  more: 'M5 10h.01M10 10h.01M15 10h.01',
  play: 'M6.500 4.500v11l9-5.500z',
  stop: 'M5.500 5.500h9v9h-9z',
  restart: 'M15.700 8.500a6 6 0 1 0 .1 3.400M16 4.500v4h-4',
  trash: 'M4 6h12M8 6V4h4v2M5.500 6l.7 10.500h7.600L14.500 6M8.500 9v4.500M11.500 9v4.500',
  copy: 'M7.500 7.500h9v9h-9zM12.500 7.500v-4h-9v9h4',
  check: 'M4 10.500l4 4 8-9',
  cross: 'M5 5l10 10M15 5L5 15',
  plus: 'M10 4v12M4 10h12',
  chevron: 'M7.500 5l5 5-5 5',
  warning: 'M10 3.500l7.200 12.800H2.800zM10 8.500v3.500M10 14.200h.01',
  info: 'M10 17a7 7 0 1 0 0-14 7 7 0 0 0 0 14M10 9.500V13M10 6.800h.01',
  sun: 'M10 13a3 3 0 1 0 0-6 3 3 0 0 0 0 6M10 2.500v1.500M10 16v1.500M2.500 10H4M16 10h1.500M4.700 4.700l1 1M14.300 14.300l1 1M15.300 4.700l-1 1M5.700 14.300l-1 1',
  lock: 'M5 9h10v7.500H5zM7 9V6.500a3 3 0 0 1 6 0V9',
  key: 'M7 13.500a3.500 3.500 0 1 1 3.200-5h6.300v3h-2v2h-2.500v-2h-1.800A3.500 3.500 0 0 1 7 13.500M6.800 10h.01',
  clock: 'M10 17a7 7 0 1 0 0-14 7 7 0 0 0 0 14M10 6v4.200l2.800 1.800',
  list: 'M7 5.500h9.500M7 10h9.500M7 14.500h9.500M3.500 5.500h.01M3.500 10h.01M3.500 14.500h.01',
  eye: 'M2.500 10S5 5 10 5s7.500 5 7.500 5-2.500 5-7.500 5-7.500-5-7.500-5M10 12.200a2.200 2.200 0 1 0 0-4.400 2.200 2.200 0 0 0 0 4.400',
  download: 'M10 3.500v9M6.500 9.500 10 13l3.500-3.500M4 16.500h12',
  package: 'M10 3l6.500 3.300v7.400L10 17l-6.500-3.300V6.300zM3.500 6.300 10 9.700l6.500-3.400M10 9.700V17',
} as const
export type IconName = keyof typeof PATHS

export function Icon({ name, class: more = '' }: { name: IconName; class?: string }) {
  return (
    <svg
      class={`icon ${name === 'more' ? 'dots' : ''} ${more}`}
      viewBox="0 0 20 20"
      aria-hidden="true"
      focusable="false"
    >
      <path d={PATHS[name]} />
    </svg>
  )
}

const CATEGORIES: Record<string, IconName> = {
  web: 'globe',
  documentation: 'book',
  wiki: 'book',
  development: 'code',
  code: 'code',
  collaboration: 'files',
  files: 'files',
  chat: 'chat',
  communication: 'chat',
  database: 'database',
  project: 'board',
  projects: 'board',
  planning: 'board',
  proxy: 'shield',
  infrastructure: 'server',
  system: 'server',
  operations: 'server',
  office: 'files',
  automation: 'restart',
  security: 'lock',
}
export const categoryIcon = (category: string | undefined): IconName =>
  CATEGORIES[category ?? ''] ?? 'package'
