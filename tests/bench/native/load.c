/* Sends one request over and over on keep-alive connections, and says what came back as one line of JSON.
 *
 * load PORT REQUEST-FILE CONNECTIONS SECONDS RATE [NUMBERS [COUNT]]: RATE 0 sends the next request when the last is
 * answered; otherwise requests come by chance (Poisson), so many a second whatever the answers do, and their time runs
 * from when they were due. ######## in the request becomes another number each time, of so many. It ends after SECONDS,
 * or COUNT requests. Statuses other than 200 count as errors.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <math.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

enum { IN = 1 << 20, MARK = 8, MOST = 1 << 22, QUEUE = 1 << 20 };

struct line { int fd; int busy; double since; size_t in; size_t need; char *buffer; };

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec / 1e9;
}

static char request[65536];
static size_t size;
static char *mark;
static unsigned long number, numbers = 80000000, errors, answered, asked, most_asked = -1UL;
static float *times;
static struct line *lines;
static int count, epoll, port;
static double *due;
static unsigned first, last;

static int by_value(const void *a, const void *b) {
    float x = *(const float *)a, y = *(const float *)b;
    return x < y ? -1 : x > y;
}

static void dial(struct line *l) {
    struct sockaddr_in place = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int one = 1;
    l->fd = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(l->fd, (struct sockaddr *)&place, sizeof place)) { perror("connect"); exit(1); }
    setsockopt(l->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    struct epoll_event e = {.events = EPOLLIN, .data.ptr = l};
    epoll_ctl(epoll, EPOLL_CTL_ADD, l->fd, &e);
    l->in = l->need = 0;
    l->busy = 0;
}

static void ask(struct line *l, double since) {
    if (mark) {
        char digits[16];
        snprintf(digits, sizeof digits, "%08lu", 10000000 + number++ % numbers);
        memcpy(mark, digits, MARK);
    }
    l->since = since;
    l->busy = 1;
    asked++;
    if (write(l->fd, request, size) != (ssize_t)size) { errors++; close(l->fd); dial(l); }
}

static int heard(struct line *l) {
    ssize_t got = read(l->fd, l->buffer + l->in, IN - 1 - l->in);
    if (got <= 0) { if (l->busy) errors++; close(l->fd); dial(l); return 1; }
    l->in += got;
    if (!l->need) {
        l->buffer[l->in] = 0;
        char *body = strstr(l->buffer, "\r\n\r\n");
        if (!body) return 0;
        char *named = strcasestr(l->buffer, "\r\ncontent-length:");
        if (!named || named > body) { fprintf(stderr, "an answer without a length\n"); exit(1); }
        l->need = body + 4 - l->buffer + strtoul(named + 17, NULL, 10);
        if (strncmp(l->buffer + 9, "200", 3)) errors++;
    }
    if (l->in < l->need) return 0;
    l->in = l->need = 0;
    l->busy = 0;
    if (answered < MOST) times[answered++] = (now() - l->since) * 1000;
    return 1;
}

int main(int argc, char **given) {
    if (argc < 6) return 2;
    if (argc > 6) numbers = strtoul(given[6], NULL, 10);
    if (argc > 7) most_asked = strtoul(given[7], NULL, 10);
    port = atoi(given[1]);
    FILE *file = fopen(given[2], "rb");
    if (!file) return 2;
    size = fread(request, 1, sizeof request, file);
    mark = memmem(request, size, "########", MARK);
    count = atoi(given[3]);
    double seconds = atof(given[4]), rate = atof(given[5]);
    srand48(getpid());
    epoll = epoll_create1(0);
    times = malloc(MOST * sizeof *times);
    due = malloc(QUEUE * sizeof *due);
    lines = calloc(count, sizeof *lines);
    for (int i = 0; i < count; i++) { lines[i].buffer = malloc(IN); dial(&lines[i]); }
    int timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
    struct epoll_event e = {.events = EPOLLIN, .data.ptr = NULL}, events[512];
    epoll_ctl(epoll, EPOLL_CTL_ADD, timer, &e);
    double began = now(), ends = began + seconds, next = began;
    if (rate == 0) for (int i = 0; i < count; i++) ask(&lines[i], now());
    int busy = rate == 0 ? count : 0;
    unsigned long in_time = 0;
    double stopped = ends;
    while (now() < ends + 3) {
        if (rate > 0) {
            double at = now();
            while (next <= at && next < ends) { due[last++ % QUEUE] = next; next += -log(1 - drand48()) / rate; }
            for (int i = 0; i < count && first != last; i++)
                if (!lines[i].busy) { ask(&lines[i], due[first++ % QUEUE]); busy++; }
            double left = next - now();
            struct itimerspec t = {.it_value.tv_nsec = left > 0 ? (long)(left * 1e9) % 1000000000L + 1 : 1, .it_value.tv_sec = left > 1 ? (long)left : 0};
            timerfd_settime(timer, 0, &t, NULL);
        }
        if (now() >= ends && !in_time) { in_time = answered; stopped = now(); }
        if ((now() >= ends || asked >= most_asked) && busy == 0 && first == last) break;
        int ready = epoll_wait(epoll, events, 512, 50);
        for (int i = 0; i < ready; i++) {
            struct line *l = events[i].data.ptr;
            if (!l) { unsigned long long ticks; if (read(timer, &ticks, sizeof ticks) < 0) {} continue; }
            if (!heard(l)) continue;
            busy--;
            if (rate == 0 && now() < ends && asked < most_asked) { ask(l, now()); busy++; }
        }
    }
    if (!in_time) in_time = answered;
    unsigned long left = busy + (last - first);
    qsort(times, answered, sizeof *times, by_value);
    printf("{\"requests\": %lu, \"errors\": %lu, \"unanswered\": %lu, \"per_second\": %.1f, \"p50_ms\": %.4f, \"p99_ms\": %.4f, \"most_ms\": %.3f}\n",
           answered, errors, left, in_time / (stopped - began), answered ? times[answered / 2] : 0,
           answered ? times[(unsigned long)(answered * 0.99)] : 0, answered ? times[answered - 1] : 0);
    return 0;
}
