/** The clients whose groups are churned, each with the assignors it is used with. */
import { join } from 'node:path';
import { REPO_ROOT } from '../../support/paths.ts';
import type { Command } from './group-member.ts';
import { archiveJava, buildFranzGo, installConfluentKafka, installKafkaJs } from './install.ts';

export type MemberTarget = { readonly bootstrap: string; readonly group: string; readonly topic: string };
/** How to start a member; `instance` makes it a static one (KIP-345). */
export type MemberMaker = (target: MemberTarget, instance: string | undefined) => Command;

export type MemberKind = {
  readonly name: string;
  /** Members keep a group.instance.id over restarts. */
  readonly static?: boolean;
  /** Left out of a smoke run. */
  readonly fullOnly?: boolean;
  /** Brings the client here and says how to start a member. */
  prepare(): Promise<MemberMaker>;
};

const PROGRAMS = join(REPO_ROOT, 'test', 'clients');
/** Small heaps and quick starts: there are eight of them at a time. */
const JVM = ['-Xmx96m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Xshare:auto'];

/** Of a member that leaves at once. */
const NOWHERE = ['127.0.0.1:1', 'nobody', 'nothing', 'range'];

const instanceArgs = (instance: string | undefined): string[] => (instance === undefined ? [] : [instance]);

const java = async (assignor: string): Promise<MemberMaker> => {
  const program = await archiveJava('GroupMember', NOWHERE);
  return ({ bootstrap, group, topic }, instance) => ({
    command: 'java',
    args: [...JVM, ...program, bootstrap, group, topic, assignor, ...instanceArgs(instance)],
  });
};

const franz = async (assignor: string): Promise<MemberMaker> => {
  const command = await buildFranzGo();
  return ({ bootstrap, group, topic }, instance) => ({
    command,
    args: ['member', bootstrap, group, topic, assignor, ...instanceArgs(instance)],
  });
};

const python = async (assignor: string): Promise<MemberMaker> => {
  const command = await installConfluentKafka();
  const program = join(PROGRAMS, 'python', 'member.py');
  return ({ bootstrap, group, topic }, instance) => ({
    command,
    args: [program, bootstrap, group, topic, assignor, ...instanceArgs(instance)],
  });
};

const kafkaJs = async (): Promise<MemberMaker> => {
  const home = await installKafkaJs();
  const program = join(PROGRAMS, 'node', 'member.cjs');
  return ({ bootstrap, group, topic }) => ({
    command: process.execPath,
    args: [program, home, bootstrap, group, topic],
  });
};

export const MEMBER_KINDS: readonly MemberKind[] = [
  { name: 'java-range', prepare: () => java('range') },
  { name: 'java-roundrobin', prepare: () => java('roundrobin') },
  { name: 'java-sticky', prepare: () => java('sticky') },
  { name: 'java-cooperative-sticky', prepare: () => java('cooperative-sticky') },
  { name: 'franz-go-cooperative-sticky', prepare: () => franz('cooperative-sticky') },
  { name: 'kafkajs', prepare: kafkaJs },
  { name: 'librdkafka-python-range', prepare: () => python('range') },
  { name: 'librdkafka-python-cooperative-sticky', prepare: () => python('cooperative-sticky') },
  { name: 'librdkafka-python-roundrobin', fullOnly: true, prepare: () => python('roundrobin') },
  { name: 'franz-go-range', fullOnly: true, prepare: () => franz('range') },
  { name: 'franz-go-sticky', fullOnly: true, prepare: () => franz('sticky') },
  { name: 'java-static-range', static: true, fullOnly: true, prepare: () => java('range') },
  { name: 'java-static-cooperative', static: true, fullOnly: true, prepare: () => java('cooperative-sticky') },
  { name: 'franz-go-static', static: true, fullOnly: true, prepare: () => franz('cooperative-sticky') },
  { name: 'librdkafka-python-static', static: true, fullOnly: true, prepare: () => python('range') },
];
