// Sprays of leaves: a quad's share of a crown, cut out of the quad in every pass that draws it. A spray is a twig with side
// twigs, and these bear leaves: two families of parallel lines, so the nearest leaf is found by two roundings. Lengths are
// in shares of the quad's length.

struct SprayKind {
    float halfWidth;                                // of the quad
    float twigSine, twigCosine, twigStep;           // side twigs: angle to the twig, distance along it
    float leafSine, leafCosine, leafStep, leafLong, leafHalf; // leaves on them: the same, length and half width
};
// As treeMesh numbers them: 香樟, 悬铃木, 银杏, shrub, 水杉, 垂柳.
const SprayKind kSprays[6] = SprayKind[](
    SprayKind(0.46, 0.72, 0.69, 0.180, 0.77, 0.64, 0.066, 0.086, 0.024),
    SprayKind(0.48, 0.76, 0.65, 0.240, 0.80, 0.60, 0.108, 0.114, 0.043),
    SprayKind(0.44, 0.64, 0.77, 0.220, 0.84, 0.54, 0.078, 0.084, 0.034),
    SprayKind(0.48, 0.72, 0.69, 0.240, 0.77, 0.64, 0.100, 0.115, 0.038),
    SprayKind(0.30, 0.86, 0.50, 0.095, 0.80, 0.60, 0.028, 0.052, 0.0120),
    SprayKind(0.22, 0.20, 0.98, 0.330, 0.50, 0.86, 0.048, 0.062, 0.0105));

float pixelOn(vec2 dx, vec2 dy) { return sqrt(abs(dx.x * dy.y - dx.y * dy.x) + 1e-10); }

struct SprayPoint {
    float inside; // distance to the nearest edge, positive on a leaf; 0.5 of a pixel's width is half covered
    uint leaf;    // which
    float ribbed; // 0 at its rib, 1 at its rim
    float wood;   // 1 on twigs
};

// `q`: across in [-1, 1], along in [0, 1] from the foot; `w`: size of a pixel there, the mean of its two sides: quads seen at a
// slant keep their leaves. `mark`: kind and chance, as the vertices
// bear them.
SprayPoint sprayAt(vec2 q, float w, uint mark) {
    SprayKind k = kSprays[min((mark >> 4) & 7u, 5u)];
    uint chance = mixBits(mark * 0x9e3779b9u);
    // No twig is straight.
    float bend = (float(chance & 255u) / 255.0 - 0.5) * 0.35;
    float x = q.x * k.halfWidth + bend * k.halfWidth * (4 * q.y * (1 - q.y) - 0.5), y = q.y;
    float side = x < 0 ? -1 : 1, shift = x < 0 ? 0.5 : 0.0, ax = abs(x);
    float foot = y - ax * k.twigCosine / k.twigSine;
    float n = floor(foot / k.twigStep + shift + 0.5), root = (n - shift) * k.twigStep;
    uint twig = mixBits(chance + uint(int(n) * 2 + int(side) + 64));
    float r = float(twig & 1023u) / 1023.0;
    float p = (foot - root) * k.twigSine, t = ax * k.twigSine + (y - root) * k.twigCosine;
    float reach = k.halfWidth / k.twigSine * (0.50 + 0.52 * r) * smoothstep(-0.12, 0.2, root) * (1 - 0.7 * smoothstep(0.45, 0.95, root));
    reach = min(reach, (0.99 - root) / k.twigCosine);
    // Leaves.
    float over = p < 0 ? 0.5 : 0.0, ap = abs(p);
    float start = t - ap * k.leafCosine / k.leafSine;
    float m = floor(start / k.leafStep + over + 0.5), from = (m - over) * k.leafStep;
    // No two leaves are alike, and some have fallen.
    uint leafId = mixBits(twig + uint(int(m) * 2 + (p < 0 ? 1 : 0) + 512));
    float own = float(leafId & 255u) / 255.0, size = 0.78 + 0.36 * float((leafId >> 8) & 255u) / 255.0;
    float turn = (float((leafId >> 16) & 255u) / 255.0 - 0.5) * 0.7 * k.leafHalf;
    float u = (ap * k.leafSine + (t - from) * k.leafCosine) / (k.leafLong * size), v = abs((start - from) * k.leafSine + turn * u);
    bool grown = root > -0.1 && from > -0.02 && from < reach && own > 0.08;
    SprayPoint s;
    s.leaf = leafId;
    s.ribbed = min(v / k.leafHalf, 1.0);
    float leaf = grown ? k.leafHalf * size * 4 * u * (1 - u) * (1.25 - 0.5 * u) - v : -1.0;
    float wood = max(t < reach && root > 0 ? 0.0045 - ap : -1.0, y < 0.93 ? 0.007 * (1.2 - y) - ax : -1.0);
    s.wood = wood > leaf ? 1 : 0;
    // Leaves that are smaller than a pixel stand for their twig, and twigs for the spray with its ragged end.
    bool within = root > -0.1;
    float gap = 0.5 * k.twigStep * k.twigSine;
    float strip = within ? min(0.95 * reach - t, 0.78 * gap - ap) : -1.0, whole = within ? 0.9 * reach - t : -1.0;
    s.inside = mix(mix(max(leaf, wood), strip, smoothstep(0.7, 1.8, w / k.leafHalf)), whole, smoothstep(0.6, 1.4, w / gap));
    return s;
}
