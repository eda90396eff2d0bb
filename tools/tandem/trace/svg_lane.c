// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The Tandem Authors
/*
 * The lanes of the picture, and the pen.
 */
#include <inttypes.h>
#include <stdarg.h>

#include "trace/svg_part.h"

double svg_x(const struct svg *v, uint64_t at_ns)
{
	double whole = (double)(v->end_ns - v->start_ns), part;

	if (at_ns <= v->start_ns)
		return SVG_LEFT;
	part = (double)(at_ns - v->start_ns) / whole;
	return SVG_LEFT + (part < 1 ? part : 1) * (SVG_RIGHT - SVG_LEFT);
}

double svg_ms(const struct svg *v, uint64_t at_ns)
{
	return ((double)at_ns - (double)v->start_ns) / 1e6;
}

void svg_escape(FILE *out, const char *text)
{
	for (; *text; text++) {
		if (*text == '<')
			fputs("&lt;", out);
		else if (*text == '&')
			fputs("&amp;", out);
		else if (*text == '"')
			fputs("&quot;", out);
		else if ((unsigned char)*text >= ' ' && *text != 0x7f)
			fputc(*text, out);
	}
}

void svg_text(const struct svg *v, double x, double y, const char *class, const char *format, ...)
{
	char text[256];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	fprintf(v->out, "<text class=\"%s\" x=\"%.1f\" y=\"%.1f\">", class, x, y);
	svg_escape(v->out, text);
	fputs("</text>\n", v->out);
}

void svg_box(const struct svg *v, const char *class, uint64_t from_ns, uint64_t to_ns, double y,
	     double height)
{
	double x = svg_x(v, from_ns), width = svg_x(v, to_ns) - x;

	/* What took no time that shows is there all the same. */
	fprintf(v->out, "<rect class=\"%s\" x=\"%.2f\" y=\"%.2f\" width=\"%.2f\" height=\"%.2f\">",
		class, x, y, width < 0.8 ? 0.8 : width, height);
}

void svg_tip(const struct svg *v, const char *format, ...)
{
	char text[512];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	fputs("<title>", v->out);
	svg_escape(v->out, text);
	fputs("</title></rect>\n", v->out);
}

static void label(const struct svg *v, double y, double height, const char *name, const char *below)
{
	fprintf(v->out, "<rect class=\"lane\" x=\"%d\" y=\"%.1f\" width=\"%d\" height=\"%.1f\"/>\n",
		SVG_LEFT, y, SVG_RIGHT - SVG_LEFT, height);
	svg_text(v, SVG_LEFT - 12, y + 14, "name", "%s", name);
	if (below)
		svg_text(v, SVG_LEFT - 12, y + 29, "below", "%s", below);
}

static bool shows(const struct svg *v, const struct tdm_trace_event *e, enum tdm_trace_kind kind)
{
	return e->kind == kind && e->request == v->request && e->time_ns < v->end_ns;
}

static const char *class_of(char room[16], uint32_t layer)
{
	if (layer == TDM_TRACE_NO)
		return "command";
	snprintf(room, 16, "l%u", layer);
	return room;
}

static void draw_layer(const struct svg *v, const struct story_layer *l, double y)
{
	char class[16];
	double from = svg_x(v, l->start_ns), width = svg_x(v, l->end_ns) - from;

	svg_box(v, class_of(class, l->layer), l->start_ns, l->end_ns, y, 30);
	if (l->by_device)
		svg_tip(v, "layer %u of tokens %u to %u: %.3f to %.3f ms by the device's clock",
			l->layer, l->token, l->token + l->tokens - 1, svg_ms(v, l->start_ns),
			svg_ms(v, l->end_ns));
	else
		svg_tip(v,
			"layer %u of tokens %u to %u: %.3f to %.3f ms, seen done by the runtime at "
			"%.3f ms%s",
			l->layer, l->token, l->token + l->tokens - 1, svg_ms(v, l->start_ns),
			svg_ms(v, l->end_ns), svg_ms(v, l->seen_ns),
			l->together > 1 ? " with others, so its borders are not known" : "");
	if (l->together > 1)
		fprintf(v->out,
			"<rect class=\"unsure\" x=\"%.2f\" y=\"%.2f\" width=\"%.2f\" "
			"height=\"30\"/>\n",
			from, y, width < 0.8 ? 0.8 : width);
	if (width > 16)
		svg_text(v, from + width / 2, y + 19, "in", "%u", l->layer);
}

void svg_prefill(const struct svg *v, double y)
{
	label(v, y, SVG_PREFILL, "prefill", v->s->about.prefill_device);
	for (uint32_t i = 0; i < v->s->n; i++) {
		const struct tdm_trace_event *e = &v->s->events[i];
		double x = svg_x(v, e->time_ns);

		if (!shows(v, e, TDM_TRACE_PREFILL))
			continue;
		svg_box(v, "command", e->time_ns, e->time_ns + e->duration_ns, y + 4, 16);
		svg_tip(v, "PREFILL of tokens %u to %u: %.3f to %.3f ms by the device's clock",
			e->token, e->token + e->tokens - 1, svg_ms(v, e->time_ns),
			svg_ms(v, e->time_ns + e->duration_ns));
		if (svg_x(v, e->time_ns + e->duration_ns) - x > 110)
			svg_text(v, x + 6, y + 16, "note", "tokens %u to %u", e->token,
				 e->token + e->tokens - 1);
	}
	for (uint32_t i = 0; i < v->s->n_layers; i++)
		if (v->s->layers[i].request == v->request)
			draw_layer(v, &v->s->layers[i], y + 24);
}

/* From the moment it was asked for: the device ends its layer first. */
static void draw_wait(const struct svg *v, const struct tdm_trace_event *e, double y)
{
	char class[16], faint[24];

	for (uint32_t i = 0; i < v->s->n_pages; i++) {
		const struct story_page *p = &v->s->pages[i];

		if (p->request != e->request || p->page != e->page || !p->at[STAGE_ASKED])
			continue;
		snprintf(faint, sizeof(faint), "%s faint", class_of(class, e->layer));
		svg_box(v, faint, p->at[STAGE_ASKED], e->time_ns, y, 6);
		svg_tip(v, "KV_EXPORT of layer %u: asked for at %.3f ms, begun at %.3f ms",
			e->layer, svg_ms(v, p->at[STAGE_ASKED]), svg_ms(v, e->time_ns));
		return;
	}
}

void svg_export(const struct svg *v, double y)
{
	char class[16];

	label(v, y, SVG_EXPORT, "export", NULL);
	for (uint32_t i = 0; i < v->s->n; i++) {
		const struct tdm_trace_event *e = &v->s->events[i];

		if (!shows(v, e, TDM_TRACE_EXPORT))
			continue;
		draw_wait(v, e, y + 10);
		svg_box(v, class_of(class, e->layer), e->time_ns, e->time_ns + e->duration_ns,
			y + 4, 18);
		svg_tip(v,
			"KV_EXPORT of %u pages of layer %u: %.3f to %.3f ms by the device's clock",
			e->pages, e->layer, svg_ms(v, e->time_ns),
			svg_ms(v, e->time_ns + e->duration_ns));
	}
}

static double row_height(const struct svg *v)
{
	double height = 150.0 / (v->rows ? v->rows : 1);

	return height > 12 ? 12 : height;
}

static void draw_page(const struct svg *v, const struct story_page *p, double y, double height)
{
	char class[16], faint[24];
	double bar = height > 2 ? height - 0.6 : height;

	snprintf(faint, sizeof(faint), "%s faint", class_of(class, p->layer));
	svg_box(v, faint, story_flight_start(p), story_flight_end(p), y, bar);
	svg_tip(v,
		"page %u of layer %u, %" PRIu64 " bytes: sealed %.3f, pushed %.3f, write posted "
		"%.3f, written %.3f, landed %.3f, imported %.3f ms%s",
		p->page, p->layer, p->bytes, svg_ms(v, p->at[STAGE_SEALED]),
		svg_ms(v, p->at[STAGE_PUSHED]), svg_ms(v, p->at[STAGE_POSTED]),
		svg_ms(v, p->at[STAGE_WRITTEN]), svg_ms(v, p->at[STAGE_LANDED]),
		svg_ms(v, p->at[STAGE_IMPORTED]), p->again ? "; sent again" : "");
	if (!p->at[STAGE_POSTED] || !p->at[STAGE_WRITTEN])
		return;
	svg_box(v, class, p->at[STAGE_POSTED], p->at[STAGE_WRITTEN], y, bar);
	svg_tip(v, "RDMA write of page %u of layer %u: %.3f to %.3f ms", p->page, p->layer,
		svg_ms(v, p->at[STAGE_POSTED]), svg_ms(v, p->at[STAGE_WRITTEN]));
}

double svg_wire_height(const struct svg *v)
{
	double height = row_height(v) * v->rows + 8;

	return height < 36 ? 36 : height;
}

void svg_wire(const struct svg *v, double y)
{
	double each = row_height(v);

	label(v, y, svg_wire_height(v), "wire", v->s->about.net);
	for (uint32_t i = 0; i < v->s->n_pages; i++) {
		const struct story_page *p = &v->s->pages[i];

		if (p->request == v->request && story_flight_start(p))
			draw_page(v, p, y + 4 + v->row[i] * each, each);
	}
}

/* Of the pages that one KV_IMPORT took, those of a layer: their share of its height. */
static void draw_import(const struct svg *v, const struct tdm_trace_event *e, double y,
			double height)
{
	char class[16];
	uint32_t done = 0;

	for (uint32_t layer = 0; layer < v->s->depth; layer++) {
		uint32_t n = 0;
		double share;

		for (uint32_t i = 0; i < v->s->n_pages; i++) {
			const struct story_page *p = &v->s->pages[i];

			n += p->request == e->request && p->layer == layer &&
			     p->importer == e->device && p->import_ns == e->time_ns;
		}
		if (!n || !e->pages)
			continue;
		share = height * n / e->pages;
		svg_box(v, class_of(class, layer), e->time_ns, e->time_ns + e->duration_ns,
			y + height * done / e->pages, share);
		svg_tip(v,
			"KV_IMPORT of %u pages, %u of them of layer %u: %.3f to %.3f ms by the "
			"device's clock",
			e->pages, n, layer, svg_ms(v, e->time_ns),
			svg_ms(v, e->time_ns + e->duration_ns));
		done += n;
	}
}

void svg_import(const struct svg *v, double y)
{
	label(v, y, SVG_IMPORT, "import", NULL);
	for (uint32_t i = 0; i < v->s->n; i++)
		if (shows(v, &v->s->events[i], TDM_TRACE_IMPORT))
			draw_import(v, &v->s->events[i], y + 4, 18);
}

void svg_decode(const struct svg *v, double y)
{
	uint32_t behind = 0;
	uint64_t from = 0, to = 0;

	label(v, y, SVG_DECODE, "decode", v->s->about.decode_device);
	for (uint32_t i = 0; i < v->s->n; i++) {
		const struct tdm_trace_event *e = &v->s->events[i];
		uint64_t end = e->time_ns + e->duration_ns;

		if (e->kind != TDM_TRACE_DECODE || e->request != v->request)
			continue;
		if (e->time_ns >= v->end_ns) {
			from = behind++ ? from : e->time_ns;
			to = end;
			continue;
		}
		svg_box(v, "step", e->time_ns, end, y + 4, 20);
		svg_tip(v, "DECODE of token %u: %.3f to %.3f ms by the device's clock", e->token,
			svg_ms(v, e->time_ns), svg_ms(v, end));
	}
	if (behind)
		svg_text(v, SVG_RIGHT, y + 48, "more", "and %u more tokens in %.1f ms \342\206\222",
			 behind, (double)(to - from) / 1e6);
}
