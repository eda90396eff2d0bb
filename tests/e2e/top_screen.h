/* SPDX-License-Identifier: MIT */
/* SPDX-FileCopyrightText: 2026 The Tandem Authors */
/*
 * tandem top on a terminal of the test's: as the bytes that it writes, and as what they
 * make of a screen.
 */
#ifndef TESTS_E2E_TOP_SCREEN_H
#define TESTS_E2E_TOP_SCREEN_H

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <pty.h>
#include <regex.h>
#include <string>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>
#include <vector>

#include <gtest/gtest.h>

/* The tool on a terminal of the test's. */
class Screen
{
public:
	/* @root: of a tree of the test's, "" for this host */
	Screen(const std::string &root, const char *term, bool colours = true,
	       unsigned short rows = 30, unsigned short columns = 120)
	{
		struct winsize size = {};
		size.ws_row = rows;
		size.ws_col = columns;
		pid_ = forkpty(&fd_, nullptr, nullptr, &size);
		if (!pid_) {
			/* One that hangs ends, and the test with it. */
			alarm(120);
			if (root.empty())
				unsetenv("TANDEM_SYSROOT");
			else
				setenv("TANDEM_SYSROOT", root.c_str(), 1);
			setenv("LC_ALL", "C", 1);
			setenv("TERM", term, 1);
			unsetenv("NO_COLOR");
			if (!colours)
				setenv("NO_COLOR", "1", 1);
			execl(TANDEM_CLI, TANDEM_CLI, "top", "-i", "0.1", nullptr);
			_exit(127);
		}
		tcgetattr(fd_, &before_);
	}
	~Screen()
	{
		if (pid_ > 0)
			kill(pid_, SIGKILL), waitpid(pid_, nullptr, 0);
		close(fd_);
	}

	/* Reads until it has been drawn. Return: whether it was, before the end */
	bool shows(const std::string &words)
	{
		for (char buf[4096];;) {
			size_t at = text.find(words, from_);
			if (at != std::string::npos) {
				from_ = at + words.size();
				return true;
			}
			ssize_t n = read(fd_, buf, sizeof(buf));
			if (n <= 0)
				return false;
			text.append(buf, static_cast<size_t>(n));
		}
	}
	/* What comes next. Return: "" at the end */
	std::string more()
	{
		char buf[4096];
		ssize_t n = read(fd_, buf, sizeof(buf));

		return std::string(buf, n > 0 ? static_cast<size_t>(n) : 0);
	}
	void type(const std::string &keys)
	{
		EXPECT_EQ(write(fd_, keys.data(), keys.size()), static_cast<ssize_t>(keys.size()));
	}
	/* A key, and all of the screen anew: else curses writes what differs alone. */
	void press(const std::string &key)
	{
		type(key + "\x0c");
	}
	void resize(unsigned short rows, unsigned short columns)
	{
		struct winsize size = {};
		size.ws_row = rows;
		size.ws_col = columns;
		ioctl(fd_, TIOCSWINSZ, &size);
	}
	void signal(int sig)
	{
		kill(pid_, sig);
	}
	int end()
	{
		shows("\x01 nothing says this");
		int status = -1;
		waitpid(pid_, &status, 0);
		pid_ = -1;
		return status;
	}
	bool is_restored()
	{
		struct termios now;
		tcgetattr(fd_, &now);
		return now.c_lflag == before_.c_lflag && now.c_iflag == before_.c_iflag &&
		       now.c_oflag == before_.c_oflag;
	}

	std::string text;

private:
	pid_t pid_ = -1;
	int fd_ = -1;
	size_t from_ = 0;
	struct termios before_ = {};
};

/* A vt220 of that size, as far as curses makes use of it. */
class Vt220
{
public:
	Vt220(int rows, int columns)
	    : rows_(rows), columns_(columns), bottom_(rows - 1),
	      grid_(static_cast<size_t>(rows), std::string(static_cast<size_t>(columns), ' '))
	{
	}
	void feed(const std::string &bytes)
	{
		for (char c : bytes)
			take(c);
	}
	std::string line(int row) const
	{
		return grid_[static_cast<size_t>(row)];
	}
	std::string all() const
	{
		std::string text;
		for (const std::string &line : grid_)
			text += line + "\n";
		return text;
	}
	/* Sequences that it does not know: the picture would be wrong. */
	std::string unknown;

private:
	void take(char c)
	{
		if (!sequence_.empty()) {
			sequence_ += c;
			if (is_whole())
				obey(sequence_), sequence_.clear();
		} else if (c == '\x1b') {
			sequence_ = c;
		} else if (c == '\r') {
			x_ = 0;
		} else if (c == '\n') {
			down();
		} else if (c == '\b') {
			x_ -= x_ > 0;
		} else if (c == '\t') {
			x_ = std::min((x_ / 8 + 1) * 8, columns_ - 1);
		} else if (static_cast<unsigned char>(c) >= ' ') {
			put(c);
		}
	}
	void put(char c)
	{
		if (x_ >= columns_)
			x_ = 0, down();
		grid_[static_cast<size_t>(y_)][static_cast<size_t>(x_++)] = c;
	}
	/* Lines from @from to the end of what scrolls move by one. */
	void scroll_up(int from)
	{
		grid_.erase(grid_.begin() + from);
		grid_.insert(grid_.begin() + bottom_,
			     std::string(static_cast<size_t>(columns_), ' '));
	}
	void scroll_down(int from)
	{
		grid_.erase(grid_.begin() + bottom_);
		grid_.insert(grid_.begin() + from, std::string(static_cast<size_t>(columns_), ' '));
	}
	void down()
	{
		if (y_ == bottom_)
			scroll_up(top_);
		else
			y_ += y_ + 1 < rows_;
	}
	void up()
	{
		if (y_ == top_)
			scroll_down(top_);
		else
			y_ -= y_ > 0;
	}
	/* At the pen, within what scrolls. */
	void shift_lines(int n, bool insert)
	{
		for (int i = 0; i < n && y_ <= bottom_; i++)
			insert ? scroll_down(y_) : scroll_up(y_);
	}
	bool is_whole() const
	{
		char second = sequence_[1], last = sequence_.back();
		if (sequence_.size() < 2)
			return false;
		if (second == '(' || second == ')' || second == '#')
			return sequence_.size() == 3;
		return second != '[' ||
		       (sequence_.size() > 2 && (isalpha(static_cast<unsigned char>(last)) != 0));
	}
	void clear(int row, int from, int to)
	{
		std::string &line = grid_[static_cast<size_t>(row)];
		for (int x = from; x < to && x < columns_; x++)
			line[static_cast<size_t>(x)] = ' ';
	}
	void clear_screen(int how)
	{
		clear_line(how);
		for (int y = how ? 0 : y_ + 1; y < (how == 1 ? y_ : rows_); y++)
			clear(y, 0, columns_);
	}
	void clear_line(int how)
	{
		clear(y_, how ? 0 : x_, how == 1 ? x_ + 1 : columns_);
	}
	std::string &line_at()
	{
		return grid_[static_cast<size_t>(y_)];
	}
	static int clamp(int value, int end)
	{
		return std::max(0, std::min(value, end - 1));
	}
	void obey(const std::string &s)
	{
		if (s == "\x1bM")
			return up();
		if (s == "\x1b"
			 "D")
			return down();
		if (s[1] != '[' || s[2] == '?')
			return; /* modes and character sets */
		int a = atoi(s.c_str() + 2), b = 0, n = std::max(a, 1);
		size_t semicolon = s.find(';');
		if (semicolon != std::string::npos)
			b = atoi(s.c_str() + semicolon + 1);
		switch (s.back()) {
		case 'H':
			y_ = clamp(a - 1, rows_), x_ = clamp(b - 1, columns_);
			break;
		case 'A':
			y_ = clamp(y_ - n, rows_);
			break;
		case 'B':
			y_ = clamp(y_ + n, rows_);
			break;
		case 'C':
			x_ = clamp(x_ + n, columns_);
			break;
		case 'D':
			x_ = clamp(x_ - n, columns_);
			break;
		case 'J':
			clear_screen(a);
			break;
		case 'K':
			clear_line(a);
			break;
		case 'L':
		case 'M':
			shift_lines(n, s.back() == 'L');
			break;
		case 'X':
			clear(y_, x_, x_ + n);
			break;
		case 'P':
			line_at().erase(static_cast<size_t>(x_), static_cast<size_t>(n));
			line_at().resize(static_cast<size_t>(columns_), ' ');
			break;
		case '@':
			line_at().insert(static_cast<size_t>(x_), static_cast<size_t>(n), ' ');
			line_at().resize(static_cast<size_t>(columns_));
			break;
		case 'r':
			top_ = clamp(a - 1, rows_);
			bottom_ = b ? clamp(b - 1, rows_) : rows_ - 1;
			x_ = y_ = 0;
			break;
		case 'm':
		case 'h':
		case 'l':
			break;
		default:
			unknown += s.substr(1) + " ";
		}
	}
	int rows_, columns_, x_ = 0, y_ = 0, top_ = 0, bottom_;
	std::vector<std::string> grid_;
	std::string sequence_;
};

/* The tool on such a terminal. */
class Picture
{
public:
	Picture(const std::string &root, unsigned short rows, unsigned short columns)
	    : screen(root, "vt220", false, rows, columns), vt_(rows, columns)
	{
	}
	/* Until @pattern is found in the picture. Return: whether it was, before the end */
	bool shows(const std::string &pattern)
	{
		while (!has(pattern))
			if (!look_on())
				return false;
		return true;
	}
	/* Until it is not. */
	bool loses(const std::string &pattern)
	{
		while (has(pattern))
			if (!look_on())
				return false;
		return true;
	}
	/* @pattern: an extended one of POSIX, in which a dot is no end of a line */
	bool has(const std::string &pattern) const
	{
		regex_t wanted;
		EXPECT_EQ(regcomp(&wanted, pattern.c_str(), REG_EXTENDED | REG_NEWLINE), 0);
		bool found = !regexec(&wanted, vt_.all().c_str(), 0, nullptr, 0);
		regfree(&wanted);
		return found;
	}
	void resize(unsigned short rows, unsigned short columns)
	{
		screen.resize(rows, columns);
		/* What it drew for the old size is no longer looked at. */
		vt_ = Vt220(rows, columns);
	}
	std::string all() const
	{
		return vt_.all() + vt_.unknown;
	}
	const Vt220 &vt() const
	{
		return vt_;
	}
	Screen screen;

private:
	/* Return: false at the end */
	bool look_on()
	{
		std::string bytes = screen.more();
		vt_.feed(bytes);
		return !bytes.empty();
	}
	Vt220 vt_;
};

#endif /* TESTS_E2E_TOP_SCREEN_H */
