/* A constant upstream that costs next to nothing: every request with a Content-Length is answered with one body.
 *
 * stub PORT BODY-FILE DELAY-MS: where the body holds ########, each answer has another number there, so that no two
 * are the same bytes. One thread, epoll, keep-alive only.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { MOST_FD = 8192, IN = 65536, MARK = 8, QUEUE = 1 << 16 };

struct connection { size_t in; size_t out; char *reply; char buffer[IN]; };
struct due { double at; int fd; unsigned born; };

static struct connection *connections[MOST_FD];
static unsigned born[MOST_FD];
static struct due queue[QUEUE];
static unsigned first, last;
static char *whole;
static size_t size, mark;
static int has_mark, epoll;
static unsigned long number = 10000000;

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec / 1e9;
}

static void end(int fd) {
    close(fd);
    born[fd]++;
    free(connections[fd]->reply);
    free(connections[fd]);
    connections[fd] = NULL;
}

static void flush(int fd) {
    struct connection *c = connections[fd];
    while (c->out) {
        ssize_t sent = write(fd, c->reply + size - c->out, c->out);
        if (sent < 0 && errno == EAGAIN) {
            struct epoll_event e = {.events = EPOLLIN | EPOLLOUT, .data.fd = fd};
            epoll_ctl(epoll, EPOLL_CTL_MOD, fd, &e);
            return;
        }
        if (sent < 0) { end(fd); return; }
        c->out -= sent;
    }
}

static void answer(int fd) {
    struct connection *c = connections[fd];
    if (has_mark) {
        char digits[16];
        snprintf(digits, sizeof digits, "%08lu", number++ % 100000000);
        memcpy(c->reply + mark, digits, MARK);
    }
    c->out = size;
    flush(fd);
}

static void requests(int fd, double delay) {
    for (;;) {
        struct connection *c = connections[fd];
        if (!c) return;
        c->buffer[c->in] = 0;
        char *body = strstr(c->buffer, "\r\n\r\n");
        if (!body) return;
        body += 4;
        char *named = strcasestr(c->buffer, "\r\ncontent-length:");
        size_t need = (body - c->buffer) + (named && named < body ? strtoul(named + 17, NULL, 10) : 0);
        if (c->in < need) return;
        memmove(c->buffer, c->buffer + need, c->in - need);
        c->in -= need;
        if (delay > 0) queue[last++ % QUEUE] = (struct due){now() + delay, fd, born[fd]};
        else answer(fd);
    }
}

int main(int count, char **given) {
    if (count != 4) return 2;
    signal(SIGPIPE, SIG_IGN);
    FILE *file = fopen(given[2], "rb");
    if (!file) return 2;
    static char body[1 << 22];
    size_t length = fread(body, 1, sizeof body, file);
    whole = malloc(length + 256);
    size = sprintf(whole, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n", length);
    memcpy(whole + size, body, length);
    size += length;
    char *found = memmem(whole, size, "########", MARK);
    has_mark = found != NULL;
    mark = has_mark ? found - whole : 0;
    double delay = atof(given[3]) / 1000;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), one = 1;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    struct sockaddr_in place = {.sin_family = AF_INET, .sin_port = htons(atoi(given[1])), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (bind(listener, (struct sockaddr *)&place, sizeof place) || listen(listener, 4096)) return 1;
    epoll = epoll_create1(0);
    struct epoll_event e = {.events = EPOLLIN, .data.fd = listener}, events[512];
    epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &e);
    for (;;) {
        int wait = -1;
        if (first != last) {
            double left = queue[first % QUEUE].at - now();
            wait = left <= 0 ? 0 : (int)(left * 1000) + 1;
        }
        int ready = epoll_wait(epoll, events, 512, wait);
        for (int i = 0; i < ready; i++) {
            int fd = events[i].data.fd;
            if (fd == listener) {
                int taken;
                while ((taken = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
                    if (taken >= MOST_FD) { close(taken); continue; }
                    setsockopt(taken, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
                    connections[taken] = calloc(1, sizeof(struct connection));
                    connections[taken]->reply = malloc(size);
                    memcpy(connections[taken]->reply, whole, size);
                    struct epoll_event new = {.events = EPOLLIN, .data.fd = taken};
                    epoll_ctl(epoll, EPOLL_CTL_ADD, taken, &new);
                }
                continue;
            }
            if (!connections[fd]) continue;
            if (events[i].events & EPOLLOUT) flush(fd);
            struct connection *c = connections[fd];
            if (!c || !(events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR))) continue;
            ssize_t got = read(fd, c->buffer + c->in, IN - 1 - c->in);
            if (got <= 0) { if (got == 0 || errno != EAGAIN) end(fd); continue; }
            c->in += got;
            requests(fd, delay);
        }
        for (double at = now(); first != last && queue[first % QUEUE].at <= at; first++) {
            struct due *d = &queue[first % QUEUE];
            if (connections[d->fd] && born[d->fd] == d->born) answer(d->fd);
        }
    }
}
