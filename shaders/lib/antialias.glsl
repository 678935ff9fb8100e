// Highlights that are smaller than a pixel: the spread of normals over the pixel widens the lobe (Tokuyoshi and Kaplanyan
// 2019, "Improved geometric specular antialiasing"). Multisampling cannot help there: it shades once per pixel.
float roughnessOverPixel(float roughness, vec3 n) {
    vec3 dx = dFdx(n), dy = dFdy(n);
    float alpha = roughness * roughness;
    float kernel = min(0.5 * (dot(dx, dx) + dot(dy, dy)), 0.18);
    return sqrt(sqrt(min(alpha * alpha + kernel, 1.0)));
}
