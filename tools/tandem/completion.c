// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * Completion scripts, made of the registry and the options' own tables: what can be
 * completed is what --help says.
 */
#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "command.h"

static error_t parse(int key, char *arg, struct argp_state *state)
{
	const char **shell = state->input;

	switch (key) {
	case ARGP_KEY_ARG:
		if (*shell || (strcmp(arg, "bash") != 0 && strcmp(arg, "zsh") != 0))
			argp_error(state, "'%s': no such shell; take bash or zsh", arg);
		*shell = arg;
		return 0;
	case ARGP_KEY_END:
		if (!*shell)
			argp_error(state, "no shell; take bash or zsh");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

const struct argp completion_argp = {
	.parser = parse,
	.args_doc = "bash|zsh",
	.doc = "Print a completion script for a shell.\v"
	       "bash: source <(tandem completion bash)\n"
	       "zsh: source <(tandem completion zsh), after compinit",
};

/* Where an argument is one of some words. */
static void print_arguments(const char *doc)
{
	if (!doc || !strchr(doc, '|'))
		return;
	while (*doc) {
		size_t len = strcspn(doc, "|");

		printf(" %.*s", (int)len, doc);
		doc += len + (doc[len] == '|');
	}
}

static void print_options(const struct argp *argp)
{
	for (const struct argp_option *o = argp ? argp->options : NULL; o && (o->name || o->key);
	     o++) {
		if (o->name)
			printf(" --%s%s", o->name, o->arg ? "=" : "");
		if (o->key > ' ' && o->key < 127 && isalnum(o->key))
			printf(" -%c", o->key);
	}
	print_arguments(argp ? argp->args_doc : NULL);
	printf(" --help");
}

static void print_names(const struct command *of)
{
	for (; of->name; of++)
		printf(" %s", of->name);
}

/* One line a place: the words before it, and what may follow. */
static void print_places(const char *before, const struct command *of)
{
	printf("\t\"%s\") words='", before);
	print_names(of);
	puts(" --help' ;;");
	for (; of->name; of++) {
		char name[64];

		snprintf(name, sizeof(name), "%s %s", before, of->name);
		if (of->subs) {
			print_places(name, of->subs);
			continue;
		}
		printf("\t\"%s\") words='", name);
		print_options(of->argp);
		puts("' ;;");
	}
}

/* Words of the command line up to the first one that is no subcommand. */
static void print_group_pattern(void)
{
	const char *bar = "";

	for (const struct command *c = commands; c->name; c++)
		if (c->subs) {
			printf("%s%s", bar, c->name);
			bar = "|";
		}
	if (!*bar)
		printf("''");
}

static void print_function(void)
{
	puts("_tandem()\n{\n"
	     "\tlocal cur=${COMP_WORDS[COMP_CWORD]} place=tandem words=\n"
	     "\tif [ \"$COMP_CWORD\" -gt 1 ]; then\n"
	     "\t\tplace=\"tandem ${COMP_WORDS[1]}\"");
	printf("\t\tcase ${COMP_WORDS[1]} in\n\t\t");
	print_group_pattern();
	puts(") [ \"$COMP_CWORD\" -gt 2 ] && place=\"$place ${COMP_WORDS[2]}\" ;;\n"
	     "\t\tesac\n\tfi\n\tcase \"$place\" in");
	print_places("tandem", commands);
	puts("\tesac\n"
	     "\tCOMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n"
	     "\t[[ ${COMPREPLY[0]} == *= ]] && compopt -o nospace 2>/dev/null\n"
	     "\treturn 0\n"
	     "}\n"
	     "complete -o bashdefault -o default -F _tandem tandem");
}

int command_completion(int argc, char **argv)
{
	const char *shell = NULL;
	struct tdm_error err;

	if (command_parse(&completion_argp, argc, argv, &shell, &err))
		return command_failed(&err);
	/* zsh reads bash's functions. */
	if (!strcmp(shell, "zsh"))
		puts("autoload -Uz bashcompinit && bashcompinit");
	print_function();
	return EXIT_DONE;
}
